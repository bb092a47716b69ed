// The same as api-client.mjs through the generated client for Go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	api "github.com/daytonaio/daytona/libs/api-client-go"
)

var (
	ctx       = context.Background()
	client    *api.APIClient
	snapshots api.SnapshotsAPI
)

func operation(name string, run func() (any, error)) {
	line := map[string]any{"operation": name}
	result, err := run()
	if err != nil {
		line["error"] = err.Error()
	} else {
		line["result"] = result
	}
	text, _ := json.Marshal(line)
	fmt.Println(string(text))
}

func idOf(name string) (string, error) {
	snapshot, _, err := snapshots.GetSnapshot(ctx, name).Execute()
	if err != nil {
		return "", err
	}
	return snapshot.GetId(), nil
}

func active(body api.CreateSnapshot) (any, error) {
	made, _, err := snapshots.CreateSnapshot(ctx).CreateSnapshot(body).Execute()
	for err == nil {
		switch made.GetState() {
		case api.SNAPSHOTSTATE_ACTIVE, api.SNAPSHOTSTATE_ERROR, api.SNAPSHOTSTATE_BUILD_FAILED:
			return made.GetState(), nil
		}
		time.Sleep(100 * time.Millisecond)
		made, _, err = snapshots.GetSnapshot(ctx, made.GetId()).Execute()
	}
	return nil, err
}

func main() {
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: os.Getenv("URL")}}
	configuration.AddDefaultHeader("Authorization", "Bearer "+os.Getenv("KEY"))
	client = api.NewAPIClient(configuration)
	snapshots = client.SnapshotsAPI

	operation("list", func() (any, error) {
		page, _, err := snapshots.GetAllSnapshots(ctx).Page(1).Limit(50).Execute()
		if err != nil {
			return nil, err
		}
		names := []string{}
		for _, item := range page.GetItems() {
			names = append(names, item.GetName())
		}
		return names, nil
	})
	operation("get", func() (any, error) { return idOf("seed") })
	operation("image", func() (any, error) {
		image, cpu := "ubuntu:24.04", int32(2)
		return active(api.CreateSnapshot{Name: "image", ImageName: &image, Cpu: &cpu})
	})
	operation("files", func() (any, error) {
		access, _, err := client.ObjectStorageAPI.GetPushAccess(ctx).Execute()
		if err != nil {
			return nil, err
		}
		if access.GetBucket() == "" {
			return nil, errors.New("no bucket")
		}
		build := api.CreateBuildInfo{
			DockerfileContent: "FROM debian:12\nCOPY app /app\n",
			ContextHashes:     []string{os.Getenv("HASH")},
		}
		return active(api.CreateSnapshot{Name: "files", BuildInfo: &build})
	})
	operation("activate", func() (any, error) {
		id, err := idOf("asleep")
		if err != nil {
			return nil, err
		}
		woken, _, err := snapshots.ActivateSnapshot(ctx, id).Execute()
		return woken.GetState(), err
	})
	operation("delete", func() (any, error) {
		id, err := idOf("seed")
		if err != nil {
			return nil, err
		}
		_, err = snapshots.RemoveSnapshot(ctx, id).Execute()
		return nil, err
	})
}
