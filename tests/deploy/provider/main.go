// A provider of Terraform with the arguments of hashicorp/google, read from google.json. It calls nobody: with it Terraform
// itself checks and plans deploy/terraform on a machine that cannot reach the real provider.
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

//go:embed google.json
var googleJSON []byte

// The format of google.json; schema.ts describes it.
type providerSchema struct {
	Provider  string
	Resources map[string]block
}

type block struct {
	Attributes map[string]struct{ Type, Use string }
	Blocks     map[string]struct {
		Nesting    string
		IsRequired bool
		Block      block
	}
}

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve() error {
	var google providerSchema
	if err := json.Unmarshal(googleJSON, &google); err != nil {
		return err
	}
	resources := map[string]*tfprotov6.Schema{}
	for name, body := range google.Resources {
		schema, err := blockSchema(body)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		resources[name] = &tfprotov6.Schema{Block: schema}
	}
	newServer := func() tfprotov6.ProviderServer { return &server{resources: resources} }
	return tf6server.Serve("registry.terraform.io/"+google.Provider, newServer)
}

func blockSchema(body block) (*tfprotov6.SchemaBlock, error) {
	schema := &tfprotov6.SchemaBlock{}
	for name, attribute := range body.Attributes {
		kind, err := typeOf(attribute.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		schema.Attributes = append(schema.Attributes, &tfprotov6.SchemaAttribute{
			Name:     name,
			Type:     kind,
			Required: attribute.Use == "required",
			Optional: attribute.Use == "optional",
			// Google chooses an id that is not set.
			Computed: attribute.Use == "computed" || name == "id" && attribute.Use == "optional",
		})
	}
	for name, nested := range body.Blocks {
		inner, err := blockSchema(nested.Block)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		one := &tfprotov6.SchemaNestedBlock{TypeName: name, Block: inner, Nesting: nestings[nested.Nesting]}
		if nested.IsRequired {
			one.MinItems = 1
		}
		schema.BlockTypes = append(schema.BlockTypes, one)
	}
	return schema, nil
}

// google.json does not say how many blocks of a list are allowed.
var nestings = map[string]tfprotov6.SchemaNestedBlockNestingMode{
	"list":   tfprotov6.SchemaNestedBlockNestingModeList,
	"set":    tfprotov6.SchemaNestedBlockNestingModeSet,
	"single": tfprotov6.SchemaNestedBlockNestingModeSingle,
}

// typeOf reads a type constraint such as list(string).
func typeOf(text string) (tftypes.Type, error) {
	if outer, rest, isNested := strings.Cut(text, "("); isNested {
		element, err := typeOf(strings.TrimSuffix(rest, ")"))
		if err != nil {
			return nil, err
		}
		switch outer {
		case "list":
			return tftypes.List{ElementType: element}, nil
		case "set":
			return tftypes.Set{ElementType: element}, nil
		case "map":
			return tftypes.Map{ElementType: element}, nil
		}
	}
	switch text {
	case "string":
		return tftypes.String, nil
	case "number":
		return tftypes.Number, nil
	case "bool":
		return tftypes.Bool, nil
	case "dynamic":
		return tftypes.DynamicPseudoType, nil
	}
	return nil, fmt.Errorf("there is no type %q", text)
}

// server answers what init, validate and plan ask. Terraform asks nothing else of a state without resources.
type server struct {
	tfprotov6.ProviderServer
	resources map[string]*tfprotov6.Schema
}

func (s *server) GetMetadata(context.Context, *tfprotov6.GetMetadataRequest) (*tfprotov6.GetMetadataResponse, error) {
	response := &tfprotov6.GetMetadataResponse{ServerCapabilities: &tfprotov6.ServerCapabilities{}}
	for name := range s.resources {
		response.Resources = append(response.Resources, tfprotov6.ResourceMetadata{TypeName: name})
	}
	return response, nil
}

func (s *server) GetProviderSchema(context.Context, *tfprotov6.GetProviderSchemaRequest) (*tfprotov6.GetProviderSchemaResponse, error) {
	optional := func(name string, kind tftypes.Type) *tfprotov6.SchemaAttribute {
		return &tfprotov6.SchemaAttribute{Name: name, Type: kind, Optional: true}
	}
	provider := &tfprotov6.SchemaBlock{Attributes: []*tfprotov6.SchemaAttribute{
		optional("project", tftypes.String),
		optional("region", tftypes.String),
		optional("default_labels", tftypes.Map{ElementType: tftypes.String}),
	}}
	return &tfprotov6.GetProviderSchemaResponse{
		Provider:           &tfprotov6.Schema{Block: provider},
		ResourceSchemas:    s.resources,
		ServerCapabilities: &tfprotov6.ServerCapabilities{},
	}, nil
}

func (s *server) GetResourceIdentitySchemas(context.Context, *tfprotov6.GetResourceIdentitySchemasRequest) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov6.GetResourceIdentitySchemasResponse{}, nil
}

func (s *server) ValidateProviderConfig(_ context.Context, request *tfprotov6.ValidateProviderConfigRequest) (*tfprotov6.ValidateProviderConfigResponse, error) {
	return &tfprotov6.ValidateProviderConfigResponse{PreparedConfig: request.Config}, nil
}

func (s *server) ConfigureProvider(context.Context, *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return &tfprotov6.ConfigureProviderResponse{}, nil
}

func (s *server) StopProvider(context.Context, *tfprotov6.StopProviderRequest) (*tfprotov6.StopProviderResponse, error) {
	return &tfprotov6.StopProviderResponse{}, nil
}

// ValidateResourceConfig has nothing to add: Terraform has compared arguments and types with the schema.
func (s *server) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return &tfprotov6.ValidateResourceConfigResponse{}, nil
}

// PlanResourceChange plans what is written, and an unknown value for each attribute that Google computes.
func (s *server) PlanResourceChange(_ context.Context, request *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	schema := s.resources[request.TypeName]
	proposed, err := request.ProposedNewState.Unmarshal(schema.ValueType())
	if err != nil {
		return nil, err
	}
	isComputed := map[string]bool{}
	for _, attribute := range schema.Block.Attributes {
		isComputed[attribute.Name] = attribute.Computed
	}
	planned, err := tftypes.Transform(proposed, func(path *tftypes.AttributePath, value tftypes.Value) (tftypes.Value, error) {
		steps := path.Steps()
		if len(steps) == 1 && value.IsNull() {
			if name, isName := steps[0].(tftypes.AttributeName); isName && isComputed[string(name)] {
				return tftypes.NewValue(value.Type(), tftypes.UnknownValue), nil
			}
		}
		return value, nil
	})
	if err != nil {
		return nil, err
	}
	state, err := tfprotov6.NewDynamicValue(schema.ValueType(), planned)
	return &tfprotov6.PlanResourceChangeResponse{PlannedState: &state}, err
}

func (s *server) ApplyResourceChange(context.Context, *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return nil, errors.New("this provider only plans")
}
