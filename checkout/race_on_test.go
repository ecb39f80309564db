//go:build race

package checkout

// raceOn: the detector makes everything some ten times slower, so searches are shorter under it.
const raceOn = true
