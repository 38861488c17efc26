# SPDX-License-Identifier: Apache-2.0

# Fovea in a container, for systems without Debian's libllama:
#   docker build -t fovea .
#   docker run --rm -it fovea                                             a demonstration
#   docker run --rm -it -v "$PWD:/pictures" fovea ask photo.jpg "What is this?"
FROM debian:forky

WORKDIR /opt/fovea
# The packages first: this layer stays while only sources change. Here ./dev installs what is missing with apt.
COPY dev packages.txt ./
COPY tools/dev tools/dev
RUN ./dev true && rm -rf /var/lib/apt/lists/*

COPY . .
RUN ./dev cmake --preset release -DFOVEA_TESTS=OFF -DFOVEA_BENCH=OFF \
 && ./dev cmake --build --preset release \
 && ./dev cmake --install build/release --prefix /usr/local --strip \
 && rm -rf build

WORKDIR /pictures
ENTRYPOINT ["fovea"]
CMD ["demo"]
