package sandbox

// faultSpec describes one fault to people and to the parser. The kind of input follows from the type of the field.
type faultSpec struct {
	Key, Field, Group, Label, Text string
	Example                        string // shown in an empty text input
}

const (
	groupNotify = "Notifications"
	groupWire   = "The line"
	groupAPI    = "What the API says"
	groupMarket = "Rates and clock"
	groupAim    = "Whom the faults hit"
)

var faultGroups = []string{groupNotify, groupWire, groupAPI, groupMarket, groupAim}

var faultTable = []faultSpec{
	{"lose", "LoseNotifications", groupNotify, "Lose them", "No notification is sent. The shop has to find out by itself.", ""},
	{"double", "DoubleNotifications", groupNotify, "Send them twice", "Each notification arrives twice, the same to the byte.", ""},
	{"delay", "DelayNotifications", groupNotify, "Delay them", "Each waits this long before it is sent.", "5s"},
	{"shuffle", "ShuffleNotifications", groupNotify, "Shuffle them", "Those of one order are gathered for a few steps and sent in another order.", ""},
	{"forge", "ForgeNotifications", groupNotify, "Wrong hash", "The hash does not fit what it signs.", ""},
	{"stranger", "StrangerNotifications", groupNotify, "A stranger says done", "Before each true one comes a forged one that says the order is done.", ""},
	{"unsigned", "UnsignedNotifications", groupNotify, "No hash", "They carry no hash at all.", ""},
	{"hash_field", "HashField", groupNotify, "Hash under another name", "The hash stands in a body field of this name.", "signature"},
	{"hash_header", "HashHeader", groupNotify, "Hash in a header", "The hash stands in this header, and not in the body.", "X-Signature"},
	{"before_answer", "NotifyBeforeAnswer", groupNotify, "Faster than the answer", "The first notification is delivered before order/create answers.", ""},
	{"to_values_json", "ToValuesJSON", groupNotify, "toValues as JSON", "The payout values are one JSON text in place of bracket notation.", ""},
	{"timestamp_seconds", "TimestampSeconds", groupNotify, "Seconds", "The timestamp counts seconds in place of milliseconds.", ""},

	{"slow", "Slow", groupWire, "Slow", "Each API answer takes this much longer.", "3s"},
	{"errors", "Errors", groupWire, "500", "The API answers 500, and nothing was done.", ""},
	{"errors_after", "ErrorsAfter", groupWire, "500, but done", "The API does what it was asked for and then answers 500.", ""},
	{"html", "HTMLErrors", groupWire, "An HTML page", "A proxy's error page comes in place of JSON, and nothing was done.", ""},
	{"empty", "EmptyBody", groupWire, "Empty body", "It was done, and the answer is 200 with nothing in it.", ""},
	{"half", "HalfAnswer", groupWire, "Half an answer", "It was done, and the answer breaks off in the middle.", ""},
	{"huge", "HugeBody", groupWire, "20 MiB", "The answer is 20 MiB long.", ""},
	{"drip", "Drip", groupWire, "One byte a second", "The answer comes, but drop by drop.", ""},
	{"too_many", "TooMany", groupWire, "429", "Too many calls: come back after this many seconds (Retry-After).", "30s"},
	{"reset_after", "ResetAfter", groupWire, "Answer lost", "It was done (the order is there), then the connection is reset.", ""},
	{"redirect", "RedirectTo", groupWire, "Redirect elsewhere", "The API sends its callers to this address.", "https://elsewhere.example/"},

	{"refuse_create", "RefuseCreate", groupAPI, "Refuse a payout field", "order/create says that the payout field of this id is not valid.", "wallet"},
	{"captcha", "DemandCaptcha", groupAPI, "Demand a captcha", "order/create wants a captcha first.", ""},
	{"verification", "DemandVerification", groupAPI, "Demand verification", "order/create wants a verified customer, whatever the amount.", ""},
	{"wrong_uid", "WrongUID", groupAPI, "An uid that is no number", "order/create answers a text where the uid belongs.", ""},
	{"odd_secret", "OddSecret", groupAPI, "A path in the secret", "order/create answers a secret that would change the address it is put into.", ""},
	{"refuse_negative", "RefuseNegative", groupAPI, "Refuse negative amounts", "A negative amount (what must arrive) is not understood.", ""},
	{"negative_as_in", "NegativeAsIn", groupAPI, "Misread negative amounts", "A negative amount is taken as what the customer pays.", ""},
	{"stale", "StaleReads", groupAPI, "Stale reads", "order/get comes out of a cache and tells how things stood this long ago.", "30s"},
	{"refuse_updates", "RefuseUpdates", groupAPI, "Refuse status changes", "order/update-status says no, whatever it is asked.", ""},

	{"move_rates", "MoveRates", groupMarket, "Move the rates", "All rates get worse for the customer by this many percent (better with a minus).", "2"},
	{"rates_still", "RatesStill", groupMarket, "Rates stand still", "Without it they wobble by a few hundredths of a percent, anew every 20 s.", ""},
	{"clock_skew", "ClockSkew", groupMarket, "Wrong clock", "The exchanger's clock (Date header, timestamps) is wrong by this much.", "-90s"},

	{"only", "Only", groupAim, "Only this method", "Faults of the API hit only methods whose name contains this. Empty: all.", "order/create"},
	{"chance", "Chance", groupAim, "Chance", "Percent of calls and notifications that are hit. 0: all.", "50"},
	{"times", "Times", groupAim, "How often", "Faults of the API hit this many calls, then stop. 0: no end.", "2"},
}
