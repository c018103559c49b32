/** Running configurations for tests, printed as IOS 15 and IOS-XE 17 print them. */

/** The configuration of a router without redirections, with traps for a reader. */
export const CLEAN = `Building configuration...

Current configuration : 1342 bytes
!
! Last configuration change at 10:00:00 UTC Mon Jan 5 2026 by admin
!
version 15.9
service timestamps log datetime msec
!
hostname edge-1
!
banner motd ^C
route-map BANNER permit 10
 match ip address BANNER
interface Loopback99
^C
!
interface Loopback0
 ip address 192.0.2.1 255.255.255.255
!
interface GigabitEthernet0/1
 description "clients"
 ip address 192.168.50.1 255.255.255.0
 ip nat inside
 duplex auto
!
interface GigabitEthernet0/2
 ip address 10.0.0.1 255.255.255.0
 ip address 10.0.1.1 255.255.255.128 secondary
 standby 1 ip 10.0.0.254
!
interface GigabitEthernet0/3
 ip address 172.16.9.1 255.255.255.0
!
interface GigabitEthernet0/4
 vrf forwarding MGMT
 ip address 198.51.100.1 255.255.255.0
 shutdown
!
interface GigabitEthernet0/5
 switchport mode access
!
interface GigabitEthernet0/6
 ip address 203.0.113.1 255.255.255.0
 ip verify unicast source reachable-via rx
 ip policy route-map THEIRS
!
ip access-list extended THEIRS
 remark of others
 permit tcp any eq www telnet 443 host 10.1.1.1 established log
 deny   ip object-group USERS any
 permit udp any range domain 55 10.9.0.0 0.0.255.255
route-map THEIRS permit 10
 description to the proxy
 match ip address THEIRS 101
 set ip next-hop 203.0.113.9 203.0.113.10
route-map THEIRS permit 20
 match ip address prefix-list ALL
 set ip next-hop verify-availability 203.0.113.9 1 track 2
!
end

edge-1#`;

/** The lines of a redirection for RDP, in the spelling of IOS. */
export const RDP_LINES = `ip access-list extended SPS-rdp-IN
 remark safeguard owner 0123456789ab
 permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.127 eq 3389
!
route-map SPS-GigabitEthernet0-1 permit 10
 match ip address SPS-rdp-IN
 set ip next-hop 172.16.9.2
 set interface Null0
`;

/** The configuration with that redirection, in the spelling of IOS. */
export const WITH_RDP = CLEAN.replace(
  " ip nat inside\n",
  " ip nat inside\n ip policy route-map SPS-GigabitEthernet0-1\n",
).replace(/\nend\n/, `\n${RDP_LINES}!\nend\n`);

/** The same in the spelling of IOS-XE, which numbers entries. */
export const WITH_RDP_NUMBERED = WITH_RDP.replace(" remark safeguard", " 10 remark safeguard").replace(
  / permit tcp 192.168.50.0.*/,
  " 10 permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.127 eq 3389",
);
