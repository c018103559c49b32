// Uses a client that was generated from the definitions of a Sophos UTM, and prints one check a line.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"

	"utm/aaa/client/group"
	aaa "utm/aaa/models"
	"utm/network/client/host"
	network "utm/network/models"
	"utm/route/client/policy"
	route "utm/route/models"
	"utm/service/client/tcp"
	service "utm/service/models"
)

func check(name string, passed bool, detail any) {
	line, _ := json.Marshal(map[string]any{"check": name, "passed": passed, "detail": fmt.Sprint(detail)})
	fmt.Println(string(line))
}

// must prints a failed check and ends the program, because later calls need the result.
func must[T any](name string, answer T, err error) T {
	check(name, err == nil, err)
	if err != nil {
		os.Exit(1)
	}
	return answer
}

func text(value string) *string { return &value }

func main() {
	address, token := os.Getenv("ROUTER_ADDRESS"), os.Getenv("ROUTER_TOKEN")
	hosts := host.NewClientWithBasicAuth(address, "/api", "https", "token", token)
	services := tcp.NewClientWithBasicAuth(address, "/api", "https", "token", token)
	routes := policy.NewClientWithBasicAuth(address, "/api", "https", "token", token)

	_, err := host.NewClientWithBasicAuth(address, "/api", "https", "token", "wrong").GetObjectsNetworkHost(host.NewGetObjectsNetworkHostParams(), nil)
	check("is refused with a wrong token", err != nil, err)

	sps := must(createHost(hosts, &network.NetworkHost{Name: "go sps", Address: "172.16.9.2"}))
	check("reads the reference and the defaults of what it created", sps.Ref != "" && sps.ReverseDNS != nil && !*sps.ReverseDNS, sps.Ref)

	rdp := must(createService(services, &service.ServiceTCP{Name: "go rdp", DstLow: 3389, DstHigh: 3389, SrcLow: 1, SrcHigh: 65535}))
	changed, err := services.PatchObjectsServiceTCPRef(tcp.NewPatchObjectsServiceTCPRefParams().WithRef(rdp.Ref).WithBody(&service.ServiceTCP{DstHigh: 3390}), nil)
	check("changes one attribute of a service and keeps the others", err == nil && changed.Payload.DstLow == 3389 && changed.Payload.DstHigh == 3390, err)

	values := &route.RoutePolicy{Name: "go route", Source: "REF_NetworkAny", Destination: "REF_NetworkAny", Service: rdp.Ref, Target: sps.Ref}
	created, err := routes.PostObjectsRoutePolicy(policy.NewPostObjectsRoutePolicyParams().WithBody(values).WithXRestdInsert(text("routes.policy 1")), nil)
	made := must("creates a policy route at the top of a node", created, err).Payload
	check("finds it off", made.Status != nil && !*made.Status, made.Status)
	on := true
	turned, err := routes.PatchObjectsRoutePolicyRef(policy.NewPatchObjectsRoutePolicyRefParams().WithRef(made.Ref).WithBody(&route.RoutePolicy{Status: &on}), nil)
	check("turns it on", err == nil && *turned.Payload.Status, err)
	read, err := routes.GetObjectsRoutePolicyRef(policy.NewGetObjectsRoutePolicyRefParams().WithRef(made.Ref), nil)
	check("reads it as it was turned on", err == nil && reflect.DeepEqual(read.Payload, turned.Payload), err)

	users, err := hosts.GetObjectsNetworkHostRefUsedby(host.NewGetObjectsNetworkHostRefUsedbyParams().WithRef(sps.Ref), nil)
	check("sees the route that uses the host", err == nil && reflect.DeepEqual(users.Payload.Objects, []string{made.Ref}), err)
	_, err = hosts.DeleteObjectsNetworkHostRef(host.NewDeleteObjectsNetworkHostRefParams().WithRef(sps.Ref), nil)
	inUse, isInUse := err.(*host.DeleteObjectsNetworkHostRefBadRequest)
	check("sees that the host in use is not deleted, which is no fatal error", isInUse && len(inUse.Payload) > 0 && inUse.Payload[0].Fatal == 0, err)

	_, err = hosts.PostObjectsNetworkHost(host.NewPostObjectsNetworkHostParams().WithBody(&network.NetworkHost{Name: "wrong", Address: "nothing"}), nil)
	invalid, isInvalid := err.(*host.PostObjectsNetworkHostBadRequest)
	check("sees the attribute that is wrong", isInvalid && invalid.Payload[0].Fatal == 1 && reflect.DeepEqual(invalid.Payload[0].Attrs, []string{"address"}), err)

	lock := host.NewPatchObjectsNetworkHostRefParams().WithRef(sps.Ref)
	locked, err := hosts.PatchObjectsNetworkHostRef(lock.WithBody(&network.NetworkHost{Locked: "user"}), nil)
	check("locks a host", err == nil && locked.Payload.Locked == "user", err)
	change := host.NewPatchObjectsNetworkHostRefParams().WithRef(sps.Ref).WithBody(&network.NetworkHost{Comment: "by go"})
	_, err = hosts.PatchObjectsNetworkHostRef(change, nil)
	_, isForbidden := err.(*host.PatchObjectsNetworkHostRefForbidden)
	check("is refused to change a locked host", isForbidden, err)
	overridden, err := hosts.PatchObjectsNetworkHostRef(change.WithXRestdLockOverride(text("yes")), nil)
	check("overrides the lock of a user", err == nil && overridden.Payload.Comment == "by go", err)

	groups := group.NewClientWithBasicAuth(address, "/api", "https", "token", token)
	sids := map[string]any{"web": "S-1-5-21-1"}
	named := &aaa.AaaGroup{Name: "go group", BackendMatch: text("adirectory"), AdirectoryGroupsSids: sids}
	grouped, err := groups.PostObjectsAaaGroup(group.NewPostObjectsAaaGroupParams().WithBody(named), nil)
	directory := must("creates a group of users", grouped, err).Payload
	check("reads the identifiers of its directory groups", reflect.DeepEqual(directory.AdirectoryGroupsSids, any(sids)), directory.AdirectoryGroupsSids)
	_, err = groups.DeleteObjectsAaaGroupRef(group.NewDeleteObjectsAaaGroupRefParams().WithRef(directory.Ref), nil)
	check("deletes the group of users", err == nil, err)

	_, err = routes.DeleteObjectsRoutePolicyRef(policy.NewDeleteObjectsRoutePolicyRefParams().WithRef(made.Ref).WithXRestdErrAck(text("all")), nil)
	check("deletes the policy route out of its node", err == nil, err)
	_, err = services.DeleteObjectsServiceTCPRef(tcp.NewDeleteObjectsServiceTCPRefParams().WithRef(rdp.Ref), nil)
	check("deletes the service", err == nil, err)
	_, err = hosts.DeleteObjectsNetworkHostRef(host.NewDeleteObjectsNetworkHostRefParams().WithRef(sps.Ref), nil)
	check("deletes the host", err == nil, err)
	_, err = hosts.GetObjectsNetworkHostRef(host.NewGetObjectsNetworkHostRefParams().WithRef(sps.Ref), nil)
	_, isGone := err.(*host.GetObjectsNetworkHostRefNotFound)
	check("finds it gone", isGone, err)
}

func createHost(hosts host.ClientService, values *network.NetworkHost) (string, *network.NetworkHost, error) {
	answer, err := hosts.PostObjectsNetworkHost(host.NewPostObjectsNetworkHostParams().WithBody(values), nil)
	if err != nil {
		return "creates a host", nil, err
	}
	return "creates a host", answer.Payload, nil
}

func createService(services tcp.ClientService, values *service.ServiceTCP) (string, *service.ServiceTCP, error) {
	answer, err := services.PostObjectsServiceTCP(tcp.NewPostObjectsServiceTCPParams().WithBody(values), nil)
	if err != nil {
		return "creates a service", nil, err
	}
	return "creates a service", answer.Payload, nil
}
