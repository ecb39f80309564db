package api

import (
	"context"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"mostrador/checkout"
	"mostrador/config"
	"mostrador/models"
	"mostrador/staff"
	"mostrador/webhook"
)

// Version is the version of the API; what stands below /api/v1 only ever gains.
const Version = "1.0.0"

const maxBody = 64 << 10 // of a request, in bytes

// Deps is what the API works with.
type Deps struct {
	Service  *checkout.Service
	Staff    *staff.Service
	Config   config.Config
	Log      *slog.Logger    // nil: none
	Shutdown <-chan struct{} // closed when the program is about to stop: calls that wait end then. nil: never
}

type server struct {
	Deps
	api   huma.API
	store *models.Store
	hooks *webhook.Desk

	mu    sync.Mutex
	waits map[int64]int // calls that wait for events, by key
}

// Register mounts the API below /api. Errors of paths below /api that reach no call are answered by ErrorHandler.
func Register(e *echo.Echo, deps Deps) {
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	useProblems()
	s := &server{Deps: deps, store: deps.Service.Store(), waits: map[int64]int{}}
	s.hooks = webhook.NewDesk(s.store, deps.Config.Webhooks.AllowPrivate, QueueDelivery)
	s.api = humaecho.New(e, s.config())
	s.api.UseMiddleware(s.guard)
	s.orderCalls()
	s.refundCalls()
	s.routeCalls()
	s.linkCalls()
	s.endpointCalls()
	s.deliveryCalls()
	s.eventCalls()
	s.describe()
	s.docs(e)
}

// QueueDelivery puts the job of one delivery into a transaction.
func QueueDelivery(ctx context.Context, tx *models.Tx, deliveryID int64) error {
	return tx.Enqueue(ctx, checkout.DeliverArgs{DeliveryID: deliveryID}, nil)
}

func (s *server) config() huma.Config {
	c := huma.DefaultConfig(s.Config.Shop.Name+": merchant API", Version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "/api/openapi", "", "", nil
	c.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Info.Description = overview
	c.Servers = []*huma.Server{{URL: s.Config.Server.PublicURL}}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "An API key, made at /admin/keys or with `mostrador apikey create`. What a key may do is named by its scopes."},
	}
	c.Tags = []*huma.Tag{
		{Name: "Orders", Description: "What customers pay for."}, {Name: "Refunds", Description: "Records of money that went back."},
		{Name: "Routes", Description: "The currencies a customer can pay with."}, {Name: "Payment links", Description: "Addresses at which anybody can pay."},
		{Name: "Webhooks", Description: "How your program hears of changes, and what was sent to it."}, {Name: "Events", Description: "Every change in order, for who was away."},
	}
	return c
}

const overview = "JSON in snake_case. Amounts are strings of plain digits with a point, times are RFC 3339 in UTC, errors are problem+json (RFC 9457) " +
	"that name the field. `version` of an order only grows: of two copies, the one with the higher version is the newer."

// call describes one call. scopes are alternatives: a key needs one of them.
type call struct {
	id, method, path, tag string
	summary, description  string
	status                int // of success; 0: 200
	scopes                []string
	errors                []int
	where                 string // where the fields of refusals stand: "" is body
	middlewares           huma.Middlewares
}

// add registers a call.
func add[I, O any](s *server, c call, h func(context.Context, *I) (*O, error)) {
	op := huma.Operation{
		OperationID: c.id, Method: c.method, Path: "/api/v1" + c.path, Summary: c.summary, Description: c.description, Tags: []string{c.tag},
		DefaultStatus: c.status, MaxBodyBytes: maxBody, BodyReadTimeout: 15 * time.Second, Errors: append([]int{401, 403, 429}, c.errors...),
	}
	if c.method == http.MethodPost || c.method == http.MethodPatch {
		op.Errors = append(op.Errors, http.StatusUnprocessableEntity)
	}
	op.Middlewares = c.middlewares
	for _, scope := range c.scopes {
		op.Security = append(op.Security, map[string][]string{"key": {scope}})
	}
	where := c.where
	if where == "" {
		where = "body"
	}
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err != nil {
			return nil, s.refuse(ctx, err, where)
		}
		return out, nil
	})
}

// list is a page of something.
type list[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor" doc:"Send it as cursor to get the next page; null on the last one."`
}

// Paging is what every list takes. huma reads embedded types only when they are exported.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"100" doc:"next_cursor of the page before."`
}

// who is the key of a call, as logs name it.
func who(ctx context.Context) string { return "key " + keyOf(ctx).Name }

func author(ctx context.Context) staff.Who {
	remote, _ := ctx.Value(remoteKey{}).(string)
	return staff.Who{Name: who(ctx), Remote: remote}
}

func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	return strings.TrimSuffix(strings.TrimSuffix(name, "Document"), "JSON")
}
