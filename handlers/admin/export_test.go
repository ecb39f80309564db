package admin

// SetOrdersPageSize makes the pages of the list of orders small, until the returned function is called.
func SetOrdersPageSize(n int) func() {
	old := ordersPageSize
	ordersPageSize = n
	return func() { ordersPageSize = old }
}
