package cluster

import (
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// JSON is the Shape of what a value is in JSON.
func JSON(value any) (string, error) {
	text, err := json.Marshal(value)
	if err != nil {
		return "", err
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return "", err
	}
	return Shape(tree), nil
}

// Shape prints all of a value but what no two servers share: addresses, ports, times, uids.
func Shape(value any) string {
	switch each := value.(type) {
	case map[string]any:
		var parts []string
		for key, item := range each {
			if !volatile[key] {
				parts = append(parts, key+":"+Shape(item))
			}
		}
		sort.Strings(parts)
		return "{" + strings.Join(parts, " ") + "}"
	case []any:
		var parts []string
		for _, item := range each {
			parts = append(parts, Shape(item))
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return fmt.Sprint(value)
}

var volatile = map[string]bool{
	"clusterIP": true, "clusterIPs": true, "nodePort": true, "lastTransitionTime": true, "lastUpdateTime": true,
	"startTime": true, "completionTime": true, "uid": true, "controller-uid": true, "batch.kubernetes.io/controller-uid": true,
	"conditions": true, "lastPhaseTransitionTime": true,
}
