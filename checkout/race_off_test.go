//go:build !race

package checkout

const raceOn = false
