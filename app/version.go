package app

import (
	"context"
	"fmt"
	"runtime"

	"mostrador/handlers"
)

// version prints what is known of this build: the module's version or the commit.
func version(_ context.Context, p *program) error {
	fmt.Fprintln(p.stdout, "mostrador", handlers.Version(), runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	return nil
}
