// Package jobs does what happens without anybody asking: it works the queue (webhooks, mail) on River, and runs the loops that pull
// payments, close unpaid orders, keep routes fresh and take over what a dead instance left. Everything here may run twice.
//
// It may import checkout, staff, webhook, views and what they stand on; it knows no HTTP server and no SQL. Read jobs.go first, then loops.go.
package jobs
