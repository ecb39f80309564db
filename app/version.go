package app

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version prints what is known of this build: the module's version or the commit.
func version(_ context.Context, p *program) error {
	fmt.Fprintln(p.stdout, "mostrador", buildVersion(), runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	return nil
}

func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return s.Value[:min(len(s.Value), 12)]
		}
	}
	return "development"
}
