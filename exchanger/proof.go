package exchanger

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// Proof is what a notification's hash says.
type Proof int

const (
	// Unproven: no hash came with it. It is a hint and triggers a pull.
	Unproven Proof = iota
	// Proven: whoever sent it knows the payment's ipnSecret.
	Proven
	// Wrong: a hash came and none fits, or a signed field holds a ':'. Refuse it and count it.
	Wrong
)

// String names the proof for logs.
func (p Proof) String() string { return [...]string{"unproven", "proven", "wrong"}[p] }

// Prove compares every candidate with sha256(orderId:newStatus:inAmount:outAmount:xml_from:xml_to:timestamp:ipnSecret)
// in constant time; any that matches is proof, whatever its name. The hash covers neither orderUID nor toValues [doc].
func (n Notification) Prove(secret string) Proof {
	if n.Colon() != "" {
		return Wrong
	}
	want := []byte(Sign(n, secret))
	match, claims := 0, false
	for _, c := range n.Hashes {
		match |= subtle.ConstantTimeCompare([]byte(c.Value), want)
		claims = claims || c.Claim
	}
	switch {
	case match == 1 && secret != "":
		return Proven
	case claims:
		return Wrong
	}
	return Unproven
}

// Colon names the signed field that holds a ':' and "" when none does. Such a field could be shifted into its neighbour
// under the same hash: a notification that has one is refused whatever its hash.
func (n Notification) Colon() string {
	for i, v := range n.signed() {
		if strings.Contains(v, ":") {
			return scalarFields[i]
		}
	}
	return ""
}

// Sign is the hash that n must carry when secret is the payment's ipnSecret: lower case hex, over the texts as they were
// sent [doc].
func Sign(n Notification, secret string) string {
	sum := sha256.Sum256([]byte(strings.Join(append(n.signed(), secret), ":")))
	return hex.EncodeToString(sum[:])
}

// signed are the texts that the hash covers, in its order.
func (n Notification) signed() []string {
	return []string{n.OrderID, string(n.NewStatus), n.InAmount, n.OutAmount, n.XMLFrom, n.XMLTo, n.Timestamp}
}
