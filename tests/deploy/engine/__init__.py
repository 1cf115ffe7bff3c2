"""A Docker engine from Debian's packages, with nothing of the machine's: files, network, processes are its own.

It needs root, mmdebstrap and slirp4netns (`make test-deploy` brings them) and a kernel with overlayfs and nftables.
No registry is asked: the base images that Dockerfile and docker-compose.yml name are made of Debian packages, too.
"""
