package admin

// pages mounts the pages of the shop's daily work on the shell and fills its hooks.
func (d *desk) pages() {
	d.steps = append(d.steps, d.shopStep())
	d.checks = append(d.checks, d.ownChecks)
	d.orderPages()
	d.goods()
}
