package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of Standard Webhooks.
const (
	HeaderID        = "webhook-id"
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

const (
	secretMark  = "whsec_"
	secretBytes = 24 // Standard Webhooks wants 24 to 64
)

// EventTypes are the types of event that an endpoint may choose, in the order of an order's life.
var EventTypes = []string{
	"order.created", "order.pending", "order.paid", "order.underpaid", "order.returned", "order.cancelled", "order.expired", "order.review", "order.refunded",
}

// TestType is the type of what "Send a test" sends; every endpoint gets it whatever it chose.
const TestType = "webhook.test"

var errSecret = errors.New("not a webhook secret")

// NewSecret makes a signing secret: whsec_ and 24 random bytes in base64.
func NewSecret() string {
	raw := make([]byte, secretBytes)
	rand.Read(raw)
	return secretMark + base64.StdEncoding.EncodeToString(raw)
}

// Sign is the signature of one secret over one message: v1, and the base64 of HMAC-SHA-256 over id.timestamp.body. The error says that the
// secret is none.
func Sign(secret, id string, at time.Time, body []byte) (string, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretMark))
	if err != nil || !strings.HasPrefix(secret, secretMark) || len(key) < secretBytes {
		return "", errSecret // nothing of the secret goes into the text
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)), nil
}

// SignHeader sets the three headers; with several secrets there is one signature for each, in their order.
func SignHeader(h http.Header, secrets []string, id string, at time.Time, body []byte) error {
	signatures := make([]string, 0, len(secrets))
	for _, s := range secrets {
		sig, err := Sign(s, id, at, body)
		if err != nil {
			return err
		}
		signatures = append(signatures, sig)
	}
	h.Set(HeaderID, id)
	h.Set(HeaderTimestamp, strconv.FormatInt(at.Unix(), 10))
	h.Set(HeaderSignature, strings.Join(signatures, " "))
	return nil
}
