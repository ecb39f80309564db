// Command mostrador is a shop's checkout, paid in any currency that an exchanger takes.
package main

import (
	"os"

	"mostrador/app"
)

func main() {
	os.Exit(app.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}
