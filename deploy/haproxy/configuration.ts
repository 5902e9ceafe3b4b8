// HAProxy's configuration in front of the API server replicas. Directives of 2.6 that 3.x documents too.
//
// TCP mode: the replicas see the clients' certificates, so TLS must end there and not here.
import { haproxy, line } from './template.ts'

export interface HaproxyOptions {
  /** What clients are served on: `127.0.0.1:6443`, or `:6443` for all addresses. */
  readonly addresses: readonly string[]
  /** Statistics for people at /, Prometheus at /metrics, /healthz for supervisors. Plain HTTP: keep it on loopback. */
  readonly statisticsAddress: string
  /** Signs the replicas' serving certificates. */
  readonly clientCaFile: string
  readonly replicas: readonly { readonly name: string; readonly address: string }[]
}

/** A name that every replica's certificate carries. */
const CERTIFICATE_NAME = 'kubernetes.default.svc'

export function haproxyConfiguration({ addresses, statisticsAddress, clientCaFile, replicas }: HaproxyOptions): string {
  return haproxy`
    global
        log stdout format raw local0 info
        # Ends what is left when a stopping HAProxy still has sessions.
        hard-stop-after 10s

    defaults
        mode tcp
        log global
        option tcplog
        option dontlognull
        timeout connect 1s
        timeout client 1m
        timeout server 1m
        # A watch may be silent for up to an hour: only a dead peer ends it, which the keepalive finds in a minute.
        timeout tunnel 4h
        timeout client-fin 10s
        timeout server-fin 10s
        timeout check 2s
        option clitcpka
        clitcpka-idle 30s
        clitcpka-intvl 10s
        clitcpka-cnt 3
        option srvtcpka
        srvtcpka-idle 30s
        srvtcpka-intvl 10s
        srvtcpka-cnt 3
        # A connection that is refused goes to another replica at once. It must not count as a failed check as well (observe):
        # marking the server down would cut that very connection before it is sent on. A dead server that is not marked down
        # yet has the fewest connections and is drawn in 5 of 9 tries, so there are many.
        retries 20
        option redispatch 1

    frontend clients
        ${addresses.map((address) => line`bind ${address}`)}
        # Without a replica that serves, one that may serve is better than none.
        use_backend last-resort if { nbsrv(replicas) eq 0 }
        default_backend replicas

    backend replicas
        # What happens to servers is written to stderr in any case; connections are logged by their frontend.
        no log
        # The less loaded of two that are drawn: almost as even as leastconn, which waits a second before it sends a refused
        # connection on (measured after a kill -9: watches silent for 3.0 s, with this for 0.45 s).
        balance random(2)
        # 200 serves; 404 is draining or not primed: no new connections, the old ones stay; no answer is dead: they are cut.
        option httpchk
        http-check send meth GET uri /readyz/balancer ver HTTP/1.1 hdr Host ${CERTIFICATE_NAME}
        http-check disable-on-404
        option log-health-checks
        default-server check check-ssl check-alpn http/1.1 verify required verifyhost ${CERTIFICATE_NAME} ca-file ${clientCaFile}
        default-server inter 1s fastinter 500ms downinter 500ms fall 3 rise 1
        default-server on-marked-down shutdown-sessions
        ${replicas.map(({ name, address }) => line`server ${name} ${address}`)}

    backend last-resort
        balance leastconn
        ${replicas.map(({ name, address }) => line`server ${name} ${address}`)}

    frontend statistics
        mode http
        bind ${statisticsAddress}
        option httplog
        option dontlog-normal
        monitor-uri /healthz
        monitor fail if { nbsrv(replicas) eq 0 }
        http-request use-service prometheus-exporter if { path /metrics }
        stats enable
        stats uri /
        stats refresh 5s
  `
}
