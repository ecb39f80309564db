package sandbox

import "strings"

// Accounts look like real ones of their network and fail its checksum (all but surely: their check digits are drawn too), so
// that a wallet refuses to send real money to a rehearsal.

const (
	base58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	bech32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	base64 = alphanumeric + "-_"
	hexes  = "0123456789abcdefABCDEF" // mixed case: Ethereum's checksum is in the case
	digits = "0123456789"
)

func bitcoinAddress() string  { return "bc1q" + randomText(38, bech32) }
func litecoinAddress() string { return "ltc1q" + randomText(38, bech32) }
func ethereumAddress() string { return "0x" + randomText(40, hexes) }
func tronAddress() string {
	return "T" + randomText(1, "9ABCDEFGHJKLMNPQRSTUVWXYZ") + randomText(32, base58)
}
func tonAddress() string     { return "UQ" + randomText(46, base64) }
func moneroAddress() string  { return "4" + randomText(1, "123456789AB") + randomText(93, base58) }
func rippleAddress() string  { return "r" + randomText(33, base58) }
func dogeAddress() string    { return "D" + randomText(33, base58) }
func dashAddress() string    { return "X" + randomText(33, base58) }
func solanaAddress() string  { return "S" + randomText(43, base58) } // has no checksum; this one is too large to be a key
func cashAddress() string    { return "bitcoincash:q" + randomText(41, bech32) }
func cardanoAddress() string { return "addr1q" + randomText(97, bech32) }
func numericTag() string     { return randomText(1, digits[1:]) + randomText(8, digits) }
func purse() string          { return "Z" + randomText(12, digits) }
func cardNumber() string {
	return "4000 00" + randomText(2, digits) + " " + randomText(4, digits) + " " + randomText(4, digits)
}
func iban() string {
	b := randomText(20, digits)
	return strings.Join([]string{"ES00", b[:4], b[4:8], b[8:12], b[12:16], b[16:]}, " ") // no IBAN has the check digits 00
}
func officeAddress() string { return "Calle del Ensayo 14, office " + randomText(1, digits[1:]) }
