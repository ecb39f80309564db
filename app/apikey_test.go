package app

import (
	"errors"
	"strings"
	"testing"

	"mostrador/staff"
)

// TestAnEmptyListOfScopesIsNotAll: a variable that is not set must not make a key that may do everything.
func TestAnEmptyListOfScopesIsNotAll(t *testing.T) {
	for _, scopes := range []string{"", ",", " ", ", ,"} {
		_, err := parseAPIKey([]string{"create", "--name", "till", "--scopes", scopes})
		var usage *usageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), "--scopes") || !strings.Contains(err.Error(), staff.Scopes[0]) {
			t.Errorf("%q: %v", scopes, err)
		}
	}
	for _, args := range []string{"create --name till", "create --name till --scopes orders:read", "create --name till --scopes=orders:read,orders:write"} {
		if _, err := parseAPIKey(strings.Fields(args)); err != nil {
			t.Errorf("%s: %v", args, err)
		}
	}
}
