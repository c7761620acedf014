package catalogue

import (
	"slices"
	"strings"
)

// library is the folder of Docker's official images: "nginx" is short for
// docker.io/library/nginx. Nobody else can put an image there.
const library = "docker.io/library"

// official are the names of Docker's official images, those that are no longer
// maintained too, for they can still be pulled. Source: the folder library of
// github.com/docker-library/official-images.
var official = strings.Fields(`
	adminer adoptopenjdk aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux
	backdrop bash bonita buildpack-deps busybox
	caddy cassandra celery centos chronograf cirros clearlinux clefos clickhouse clojure composer consul convertigo couchbase couchdb crate crux
	dart debian django docker docker-dev drupal
	eclipse-mosquitto eclipse-temurin eggdrop elasticsearch elixir emqx erlang euleros express-gateway
	fedora flink fluentd friendica fsharp
	gazebo gcc geonetwork ghost glassfish golang gradle groovy
	haproxy haskell haxe hello-seattle hello-world hipache hitch hola-mundo httpd hylang
	ibm-semeru-runtimes ibmjava influxdb iojs irssi
	java jenkins jetty jobber joomla jruby julia
	kaazing-gateway kapacitor kibana known kong krakend
	lightstreamer liquibase logstash
	mageia mariadb matomo maven mediawiki memcached mongo mongo-express mono monica mysql
	nats nats-streaming neo4j neurodebian nextcloud nginx node notary nuodb nuxeo
	odoo open-liberty openjdk opensuse oraclelinux orientdb
	percona perl photon php php-zendserver phpmyadmin piwik plone postfixadmin postgres pypy python
	r-base rabbitmq rails rakudo-star rapidoid redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust
	sapmachine satosa scala scratch sentry silverpeas sl solr sonarqube sourcemage spark spiped storm swarm swift swipl
	teamspeak telegraf thrift tomcat tomee traefik
	ubuntu ubuntu-debootstrap ubuntu-upstart unit
	varnish vault
	websphere-liberty wordpress
	xwiki
	yourls
	znc zookeeper
`)

// isOfficial reports whether the repository is one of Docker's official images.
func isOfficial(repository string) bool {
	dir, base := splitRepository(repository)
	return dir == library && slices.Contains(official, base)
}
