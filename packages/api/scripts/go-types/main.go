// Prints, as JSON, how Go's encoding/json reads and writes the types of the Kubernetes API: what the OpenAPI documents do not
// tell (order of fields, pointers, omitempty and omitzero, names of Go types in error messages). Input of ../facts.ts.
//
//	mkdir x && cp main.go x && cd x && go mod init x && go get k8s.io/{api,apimachinery,client-go,apiextensions-apiserver,kube-aggregator}@v0.36.3
//	go run . > types.json
//
// Output: {package: {type: declaration}}. A declaration is a list of [JSON name, type, mode, embedding] for a struct (mode: e
// omitempty, z omitzero; embedding: Go names of the embedded structs that lead to the field), "custom" for a type that reads
// itself, else the underlying type as text. Packages are named as in the OpenAPI documents.
package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"

	apidiscovery "k8s.io/api/apidiscovery/v2"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

var declarations = map[string]map[string]any{}

// packageName turns k8s.io/api/core/v1 into io.k8s.api.core.v1.
func packageName(path string) string {
	host, rest, _ := strings.Cut(path, "/")
	labels := strings.Split(host, ".")
	for i, j := 0, len(labels)-1; i < j; i, j = i+1, j-1 {
		labels[i], labels[j] = labels[j], labels[i]
	}
	return strings.Join(labels, ".") + "." + strings.ReplaceAll(rest, "/", ".")
}

// describe gives the text of a type and declares the named types in it.
func describe(t reflect.Type) string {
	if t.PkgPath() != "" {
		declare(t)
		return packageName(t.PkgPath()) + "." + t.Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + describe(t.Elem())
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "[]uint8"
		}
		return "[]" + describe(t.Elem())
	case reflect.Map:
		return "map[" + describe(t.Key()) + "]" + describe(t.Elem())
	default:
		return t.String()
	}
}

func declare(t reflect.Type) {
	name := packageName(t.PkgPath())
	if declarations[name] == nil {
		declarations[name] = map[string]any{}
	}
	if _, done := declarations[name][t.Name()]; done {
		return
	}
	declarations[name][t.Name()] = nil
	switch {
	case reflect.PointerTo(t).Implements(unmarshaler):
		declarations[name][t.Name()] = "custom"
	case t.Kind() == reflect.Struct:
		declarations[name][t.Name()] = fields(t, "")
	case t.Kind() == reflect.Slice:
		declarations[name][t.Name()] = "[]" + describe(t.Elem())
	case t.Kind() == reflect.Map:
		declarations[name][t.Name()] = "map[" + describe(t.Key()) + "]" + describe(t.Elem())
	default:
		declarations[name][t.Name()] = t.Kind().String()
	}
}

func fields(t reflect.Type, embedding string) [][]string {
	list := [][]string{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "-" || !field.IsExported():
		case field.Anonymous && name == "":
			list = append(list, fields(field.Type, embedding+field.Name+".")...)
		default:
			if name == "" {
				name = field.Name
			}
			mode := ""
			if strings.Contains(options, "omitempty") {
				mode += "e"
			}
			if strings.Contains(options, "omitzero") {
				mode += "z"
			}
			list = append(list, []string{name, describe(field.Type), mode, embedding})
		}
	}
	return list
}

func main() {
	if err := apiextensions.AddToScheme(scheme.Scheme); err != nil {
		panic(err)
	}
	if err := apiregistration.AddToScheme(scheme.Scheme); err != nil {
		panic(err)
	}
	for kind, t := range scheme.Scheme.AllKnownTypes() {
		served := !strings.Contains(kind.Version, "alpha") && !strings.Contains(kind.Version, "beta") && kind.Version != runtime.APIVersionInternal
		if served {
			describe(t)
		}
	}
	for _, t := range []reflect.Type{
		reflect.TypeFor[metav1.Status](),
		reflect.TypeFor[metav1.PartialObjectMetadataList](),
		reflect.TypeFor[apidiscovery.APIGroupDiscoveryList](),
		reflect.TypeFor[apiextensions.JSONSchemaProps](),
	} {
		describe(t)
	}
	if err := json.NewEncoder(os.Stdout).Encode(declarations); err != nil {
		panic(err)
	}
}
