// SPDX-License-Identifier: Apache-2.0

/// The texts of Templates/topology, which the program carries with it. The files are what people
/// read and change; a test holds that both are the same.
package enum BuiltInTemplates {
    /// By name.
    package static let texts: [String: String] = [
        "dual-homed-site": #"""
        # SPDX-License-Identifier: Apache-2.0
        description: a LAN with a host and two routers, each on a provider edge, VRRP between them
        parameters:
          primary: {form: node, description: the provider edge of the first router}
          backup: {form: node, description: the provider edge of the second router}
          lan: {form: prefix, description: "the LAN's subnet; .1 is the gateway, .10 the host"}
          vrf: {form: name, default: red, description: the VPN's VRF on both provider edges}
          vpn: {form: number, default: 1, description: the number in the VRF's rd and target}
          provider: {form: as-number, default: 65000, description: the provider's AS}
          as-number: {form: as-number, default: 65100, description: the AS of the customer's sites}
        policies:
          site-routes: [{match: {protocol: [direct, static]}, then: accept}, {then: reject}]
          site-primary: [{set: {local-preference: 200}, then: accept}]
        nodes:
          <name>-a:
            role: ce
            bgp:
              as: <as-number>
              neighbors:
                <primary>: {import: accept, export: site-routes}
                <name>-b: {next-hop-self: true}
            vrrp:
              - lan: <name>
                group: 1
                virtual-address: <lan(1)>
                priority: 200
                track: {session: <primary>, priority-cost: 150}
          <name>-b:
            role: ce
            bgp:
              as: <as-number>
              neighbors:
                <backup>: {import: accept, export: site-routes}
                <name>-a: {next-hop-self: true}
            vrrp:
              - {lan: <name>, group: 1, virtual-address: <lan(1)>, priority: 100}
          <name>-host: {role: host, static: {0.0.0.0/0: <lan(1)>}}
          <primary>:
            vrfs:
              <vrf>:
                rd: <provider>:<vpn>
                target: <provider>:<vpn>
                bgp:
                  neighbors: {<name>-a: {as-override: true, import: site-primary, export: accept}}
          <backup>:
            vrfs:
              <vrf>:
                rd: <provider>:<vpn>
                target: <provider>:<vpn>
                bgp:
                  neighbors: {<name>-b: {as-override: true, import: accept, export: accept}}
        links:
          - {endpoints: [<primary>, <name>-a], vrf: <vrf>}
          - {endpoints: [<backup>, <name>-b], vrf: <vrf>}
        lans:
          <name>:
            endpoints:
              <name>-a: <lan(2) / lan.length>
              <name>-b: <lan(3) / lan.length>
              <name>-host: <lan(10) / lan.length>

        """#,
        "p-of-ring": #"""
        # SPDX-License-Identifier: Apache-2.0
        description: one P router and its link to the next, for p-ring
        parameters:
          next: {form: node, description: the P router after it}
        nodes:
          <name>: {role: p}
        links:
          - {endpoints: [<name>, <next>]}

        """#,
        "p-ring": #"""
        # SPDX-License-Identifier: Apache-2.0
        description: P routers in a ring, NAME-1, NAME-2 …
        parameters:
          size: {form: number, default: 4, description: how many}
        use:
          - {template: p-of-ring, repeat: <size>, as: <name>-<n>, next: <name>-<n % size + 1>}

        """#,
        "pe": #"""
        # SPDX-License-Identifier: Apache-2.0
        description: a provider edge on a P router, client of a reflector pair
        parameters:
          p: {form: node, description: the P router that it hangs on}
          reflectors: {form: name, description: the instance of reflector-pair}
          provider: {form: as-number, default: 65000, description: the provider's AS}
        nodes:
          <name>:
            role: pe
            bgp:
              as: <provider>
              neighbors: {<reflectors>-1: <reflectors>, <reflectors>-2: <reflectors>}
          <reflectors>-1: {bgp: {neighbors: {<name>: <reflectors>-clients}}}
          <reflectors>-2: {bgp: {neighbors: {<name>: <reflectors>-clients}}}
        links:
          - {endpoints: [<p>, <name>]}

        """#,
        "reflector-pair": #"""
        # SPDX-License-Identifier: Apache-2.0
        description: two route reflectors for VPN routes, NAME-1 and NAME-2, each on a P router
        parameters:
          p1: {form: node, description: the first reflector's P router}
          p2: {form: node, description: the second reflector's P router}
          provider: {form: as-number, default: 65000, description: the provider's AS}
        bgp-groups:
          <name>: {families: [vpnv4, vpnv6]}
          <name>-clients: {group: <name>, route-reflector-client: true}
        nodes:
          <name>-1: {role: rr, bgp: {as: <provider>, neighbors: {<name>-2: <name>}}}
          <name>-2: {role: rr, bgp: {as: <provider>, neighbors: {<name>-1: <name>}}}
        links:
          - {endpoints: [<p1>, <name>-1]}
          - {endpoints: [<p2>, <name>-2]}

        """#,
        "site": #"""
        # SPDX-License-Identifier: Apache-2.0
        description: a customer's router with a BGP session to its provider edge
        parameters:
          pe: {form: node, description: the provider edge}
          vrf: {form: name, default: red, description: the VPN's VRF there}
          vpn: {form: number, default: 1, description: the number in the VRF's rd and target}
          provider: {form: as-number, default: 65000, description: the provider's AS}
          as-number: {form: as-number, default: 65100, description: the AS of the customer's sites}
        policies:
          site-routes: [{match: {protocol: [direct, static]}, then: accept}, {then: reject}]
        nodes:
          <name>:
            role: ce
            bgp: {as: <as-number>, neighbors: {<pe>: {import: accept, export: site-routes}}}
          <pe>:
            vrfs:
              <vrf>:
                rd: <provider>:<vpn>
                target: <provider>:<vpn>
                bgp: {neighbors: {<name>: {as-override: true, import: accept, export: accept}}}
        links:
          - {endpoints: [<pe>, <name>], vrf: <vrf>}

        """#,
    ]
}
