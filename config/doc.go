// Package config loads config.yaml and the environment over it, checks every value, and says each mistake in one line.
//
// It may import messages (which languages there are) and nothing else of the program. Nothing here is global: Load returns
// a Config and main hands its parts down.
//
// Read config.go first (every key with its default), then load.go (file, environment, order), decode.go (text to values),
// check.go (what is wrong with them) and mask.go (what may be shown of a configuration that holds secrets).
package config
