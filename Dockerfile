# One static binary in an empty image:
#   docker build -t sf2xero .
#   docker run -v acme:/data --env-file acme.env sf2xero
# /data holds config.yaml and mapping.yaml (`sf2xero init` writes both) and the store. Give it a local volume: the store needs file locks.

FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/sf2xero ./cmd/sf2xero && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/sf2xero /sf2xero
# The volume takes its owner from this folder.
COPY --from=build --chown=65532:65532 /out/data /data
# A number, because Kubernetes cannot tell from a name that it is not root.
USER 65532:65532
WORKDIR /data
VOLUME /data
# scratch has no /tmp.
ENV TMPDIR=/data
# A first run that brings over years of deals may need its time before the first cycle is done.
HEALTHCHECK --interval=1m --timeout=10s --start-period=30m --retries=3 CMD ["/sf2xero", "health"]
ENTRYPOINT ["/sf2xero"]
CMD ["run"]
