package admin

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/image/draw"

	"mostrador/handlers"
	"mostrador/models"
)

const (
	maxUpload   = 5 << 20    // bytes of an uploaded picture
	maxPixels   = 40_000_000 // of an uploaded picture: 160 MB while it is read
	maxSide     = 1600       // pixels of a stored picture
	longestSide = 20_000     // of an uploaded one: a line of millions of pixels costs far more to make smaller than its area says
	maxTyped    = 64 << 10   // bytes of one typed field
	jpegQuality = 86
)

// Why a picture is refused.
var (
	errPictureLarge  = errors.New("the picture is larger than 5 MiB")
	errPictureKind   = errors.New("the file is neither PNG nor JPEG")
	errPicturePixels = errors.New("the picture has more than 40 million pixels")
)

// decoding lets one picture be read at a time: each takes much memory.
var decoding = make(chan struct{}, 1)

// upload is a form with a picture in it.
type upload struct {
	values  url.Values
	picture *models.Picture // nil: none was sent
	wrong   error           // why the picture was refused; the typed values are there all the same
}

// readUpload reads a form that may carry a picture in the field name. The picture is read as it comes, so that one that is too large costs
// no memory and what was typed before it is kept.
func readUpload(c echo.Context, name string) (upload, error) {
	r := c.Request()
	u := upload{values: url.Values{}}
	if !strings.HasPrefix(r.Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		form, err := c.FormParams()
		if err != nil {
			return u, badForm(err)
		}
		u.values = form
		return u, nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return u, badForm(err)
	}
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return u, badForm(err)
		}
		if err := u.take(p, name); err != nil {
			return u, badForm(err)
		}
	}
}

// badForm keeps a body that is too long apart from one that cannot be read.
func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
}

func (u *upload) take(p *multipart.Part, name string) error {
	defer p.Close()
	if p.FileName() == "" {
		raw, err := io.ReadAll(io.LimitReader(p, maxTyped))
		if err == nil && p.FormName() != name {
			u.values.Add(p.FormName(), string(raw))
		}
		return err
	}
	raw, err := io.ReadAll(io.LimitReader(p, maxUpload+1))
	switch {
	case err != nil:
		return err
	case p.FormName() != name || len(raw) == 0:
		return nil
	case len(raw) > maxUpload:
		u.wrong = errPictureLarge
		_, err = io.Copy(io.Discard, p)
		return err
	}
	u.picture, u.wrong = remake(raw)
	return nil
}

// remake makes a picture anew from an uploaded one: nothing of the file but its pixels is kept, no side is longer than maxSide.
func remake(raw []byte) (*models.Picture, error) {
	if kind := http.DetectContentType(raw); kind != "image/png" && kind != "image/jpeg" {
		return nil, errPictureKind
	}
	head, kind, err := image.DecodeConfig(bytes.NewReader(raw)) // reads sizes only: a bomb is met here
	if err != nil {
		return nil, errPictureKind
	}
	if head.Width <= 0 || head.Height <= 0 || max(head.Width, head.Height) > longestSide || int64(head.Width)*int64(head.Height) > maxPixels {
		return nil, errPicturePixels
	}
	decoding <- struct{}{}
	defer func() { <-decoding }()
	src, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, errPictureKind
	}
	var out bytes.Buffer
	p := &models.Picture{ContentType: "image/jpeg"}
	end := ".jpg"
	dst := smaller(src)
	if kind == "png" && !dst.Opaque() {
		p.ContentType, end = "image/png", ".png"
		err = png.Encode(&out, dst)
	} else {
		err = jpeg.Encode(&out, dst, &jpeg.Options{Quality: jpegQuality})
	}
	if err != nil {
		return nil, fmt.Errorf("write picture: %w", err)
	}
	p.Body = out.Bytes()
	p.Name = models.Digest(out.String())[:40] + end
	return p, nil
}

// smaller draws a picture so that no side is longer than maxSide.
func smaller(src image.Image) *image.NRGBA {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	if long := max(w, h); long > maxSide {
		w, h = max(1, w*maxSide/long), max(1, h*maxSide/long)
	}
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(dst, dst.Bounds(), src, b, draw.Src, nil)
	return dst
}

// pictureMistake says why a picture was refused.
func pictureMistake(c echo.Context, err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, errPictureLarge):
		return text(c, "desk.products.picture_large")
	case errors.Is(err, errPicturePixels):
		return text(c, "desk.products.picture_pixels")
	}
	return text(c, "desk.products.picture_kind")
}

// pictureStored tells whether an address is that of a stored picture.
func (d *desk) pictureStored(c echo.Context, address string) (bool, error) {
	name, ok := strings.CutPrefix(address, handlers.PicturePrefix)
	if !ok {
		return false, nil
	}
	return d.Store.HasPicture(c.Request().Context(), name)
}
