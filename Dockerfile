# SPDX-License-Identifier: Apache-2.0

# Fovea in a container:
#   docker build -t fovea .
#   docker run --rm -it fovea                                             a demonstration
#   docker run --rm -it -v "$PWD:/pictures" --user "$(id -u)" fovea ask photo.jpg "What is this?"
# deploy/compose and deploy/kubernetes run `fovea serve` with it.
#
# The image is Debian with the package of Fovea. By default the package is compiled here. With one that was made
# before (`make deb`), whose folder is the context:
#   docker build -t fovea --build-arg PACKAGE=given -f Dockerfile build/release/package
ARG BASE=debian:forky-slim
ARG PACKAGE=compiled

FROM ${BASE} AS compiled
WORKDIR /opt/fovea
# The packages first: this layer stays while only sources change. Here ./dev installs what is missing with apt.
COPY dev packages.txt ./
COPY tools/dev tools/dev
RUN ./dev true && rm -rf /var/lib/apt/lists/*
COPY . .
RUN ./dev cmake --preset release -DFOVEA_TESTS=OFF -DFOVEA_BENCH=OFF \
 && ./dev cmake --build --preset release \
 && ./dev cpack --config build/release/CPackConfig.cmake -B /package

FROM scratch AS given
COPY *.deb /package/

FROM ${PACKAGE} AS package

FROM ${BASE}
# The user has a fixed number, by which Kubernetes knows that it is not root. curl is for the health check.
RUN --mount=type=bind,from=package,source=/package,target=/package \
    mkdir -p /etc/sysusers.d \
 && echo 'u fovea 10001 "Fovea" /nonexistent' >/etc/sysusers.d/fovea.conf \
 && apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      systemd-standalone-sysusers ca-certificates libheif-plugin-libde265 libheif-plugin-dav1d curl /package/*.deb \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log

USER 10001:10001
WORKDIR /pictures
EXPOSE 8080
STOPSIGNAL SIGTERM
# A server is alive; whether it takes requests is said by /ready. The port is that of the variable FOVEA_PORT.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10m --start-interval=2s --retries=3 \
  CMD url=localhost:${FOVEA_PORT:-8080}/health; curl --noproxy '*' -fso /dev/null "http://$url" \
   || curl --noproxy '*' -fsko /dev/null "https://$url"
ENTRYPOINT ["fovea"]
CMD ["demo"]
