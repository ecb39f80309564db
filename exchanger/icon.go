package exchanger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // icons may be
	_ "image/png"  // icons may be
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	maxIcon     = 64 << 10 // bytes
	maxIconSide = 1024     // pixels
	iconTimeout = 5 * time.Second
)

// Icon is a picture of a currency as the exchanger has it, checked: it may be shown, and holds nothing that runs or loads something.
type Icon struct {
	Type string // content type
	Ext  string // ending of a file's name: svg, png or jpg
	Body []byte
}

// IconAddress is the whole address of an icon that a route names by a path or an address; "" when it is not on the exchanger's own site.
func IconAddress(baseURL, icon string) string {
	base, err := url.Parse(baseURL)
	if err != nil || icon == "" {
		return ""
	}
	u, err := base.Parse(icon)
	host := func(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Host), "www.") }
	if err != nil || u.User != nil || u.Scheme != base.Scheme || host(u) != host(base) {
		return ""
	}
	u.Fragment = ""
	return u.String()
}

// Icon fetches and checks one icon by an address that IconAddress gave. Nothing of the merchant's is sent along, no redirect is followed, and a
// failure says nothing of the site's health: a picture is no payment.
func (c *Client) Icon(ctx context.Context, address string) (Icon, error) {
	if IconAddress(c.site.BaseURL, address) != address {
		return Icon{}, errors.New("icon: not on the exchanger's site")
	}
	ctx, cancel := context.WithTimeout(Background(ctx), iconTimeout)
	defer cancel()
	release, err := c.slot(ctx)
	if err != nil {
		return Icon{}, fmt.Errorf("icon: %w", err)
	}
	defer release()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Icon{}, fmt.Errorf("icon: %w", err)
	}
	req.Header.Set("User-Agent", c.opt.UserAgent)
	req.Header.Set("Accept", "image/svg+xml,image/png,image/jpeg")
	res, err := c.reads.Do(req)
	if err != nil {
		return Icon{}, fmt.Errorf("icon: %w", withoutAddress(err))
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return Icon{}, fmt.Errorf("icon: answered %d", res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxIcon+1))
	switch {
	case err != nil:
		return Icon{}, fmt.Errorf("icon: %w", withoutAddress(err))
	case len(body) > maxIcon:
		return Icon{}, fmt.Errorf("icon: larger than %d KiB", maxIcon>>10)
	}
	return checkIcon(res.Header.Get("Content-Type"), body)
}

// checkIcon looks at what the bytes are; what the server says of them only has to agree.
func checkIcon(contentType string, body []byte) (Icon, error) {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return Icon{}, errors.New("icon: no content type")
	}
	if kind == "image/svg+xml" {
		clean, err := cleanSVG(body)
		return Icon{Type: kind, Ext: "svg", Body: clean}, err
	}
	conf, format, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil || kind != "image/"+format {
		return Icon{}, fmt.Errorf("icon: not the picture that %q names", kind)
	}
	if conf.Width < 1 || conf.Height < 1 || conf.Width > maxIconSide || conf.Height > maxIconSide {
		return Icon{}, fmt.Errorf("icon: %d × %d pixels", conf.Width, conf.Height)
	}
	return Icon{Type: kind, Ext: map[string]string{"png": "png", "jpeg": "jpg"}[format], Body: body}, nil
}
