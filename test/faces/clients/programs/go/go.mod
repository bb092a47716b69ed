module clients

go 1.23

require github.com/daytonaio/daytona/libs/api-client-go v0.190.0
