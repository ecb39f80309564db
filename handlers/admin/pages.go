package admin

// pages mounts the pages of the shop's daily work on the shell and fills its hooks.
func (d *desk) pages() {
	d.steps = append(d.steps, d.shopStep(), d.payoutStep(), d.testStep(), d.liveStep())
	d.checks = append(d.checks, d.peopleChecks, d.moneyChecks, d.operatorChecks)
	d.orderPages()
	d.goods()
}
