package checkout

import (
	"testing"

	"mostrador/messages"
)

func TestNetworks(t *testing.T) {
	for xml, want := range map[string]struct{ bare, alone string }{
		"BTC": {"Bitcoin", "Bitcoin network"}, "btc": {"Bitcoin", "Bitcoin network"}, "ETH": {"Ethereum", "Ethereum network"}, "USDTTRC20": {"TRON (TRC-20)", "TRON (TRC-20)"}, "USDTTRC": {"TRON (TRC-20)", "TRON (TRC-20)"},
		"USDTERC20": {"Ethereum (ERC-20)", "Ethereum (ERC-20)"}, "USDCBEP20": {"BNB Smart Chain (BEP-20)", "BNB Smart Chain (BEP-20)"}, "BNB": {"BNB Smart Chain (BEP-20)", "BNB Smart Chain (BEP-20)"},
		"USDTTON": {"TON", "TON network"}, "USDTSOL": {"Solana", "Solana network"}, "XRP": {"XRP Ledger", "XRP Ledger"}, "BTCLN": {"Lightning", "Lightning network"}, "USDTOP": {"OP Mainnet", "OP Mainnet"},
		"CASHUSD_C_ALC": {}, "CARDUSD": {}, "SEPAEUR": {}, "": {}, "LISPTON": {},
	} {
		if got := NetworkOf(xml); got != want.bare {
			t.Errorf("%s is on %q, want %q", xml, got, want.bare)
		}
		if got := NetworkText(messages.For("en"), xml); got != want.alone {
			t.Errorf("%s is on %q when it stands alone, want %q", xml, got, want.alone)
		}
	}
	if OnChain("WMZ") || OnChain("CARDUSD") || !OnChain("USDTTRC20") {
		t.Error("what has addresses is mistaken")
	}
}
