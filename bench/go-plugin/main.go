// A provider with one resource and nothing behind it: what a plugin and Terraform cost before anything is done.
// BARE_ATTRIBUTES: how many computed strings the resource has beside its name, so that it can be as wide as another.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
)

type bare struct{}

func (bare) Metadata(_ context.Context, _ provider.MetadataRequest, answer *provider.MetadataResponse) {
	answer.TypeName = "bare"
}
func (bare) Schema(_ context.Context, _ provider.SchemaRequest, answer *provider.SchemaResponse) {
	answer.Schema = providerschema.Schema{}
}
func (bare) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (bare) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (bare) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return thing{} }}
}

type thing struct{}

func (thing) Metadata(_ context.Context, _ resource.MetadataRequest, answer *resource.MetadataResponse) {
	answer.TypeName = "bare_thing"
}
func (thing) Schema(_ context.Context, _ resource.SchemaRequest, answer *resource.SchemaResponse) {
	attributes := map[string]schema.Attribute{"name": schema.StringAttribute{Required: true}}
	more, _ := strconv.Atoi(os.Getenv("BARE_ATTRIBUTES"))
	for i := 0; i < more; i++ {
		attributes[fmt.Sprintf("attribute_%02d", i)] = schema.StringAttribute{Optional: true, Computed: true}
	}
	answer.Schema = schema.Schema{Attributes: attributes}
}
func (thing) Create(_ context.Context, asked resource.CreateRequest, answer *resource.CreateResponse) {
	answer.State.Raw = asked.Plan.Raw
}
func (thing) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}
func (thing) Update(_ context.Context, asked resource.UpdateRequest, answer *resource.UpdateResponse) {
	answer.State.Raw = asked.Plan.Raw
}
func (thing) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

func main() {
	options := providerserver.ServeOpts{Address: "registry.terraform.io/daytona-iac/bare"}
	if err := providerserver.Serve(context.Background(), func() provider.Provider { return bare{} }, options); err != nil {
		log.Fatal(err)
	}
}
