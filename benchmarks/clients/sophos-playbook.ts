import type { Task } from "./ansible";

const ACCESS = {
  utm_host: "{{ access.utm_host }}",
  utm_port: "{{ access.utm_port }}",
  utm_token: "{{ access.utm_token }}",
  validate_certs: false,
};
const utm = (module: string, values: object, rest: object = {}) => ({
  [`community.general.${module}`]: { ...ACCESS, ...values },
  ...rest,
});
const HOST = {
  name: "ansible host",
  hostname: "server.example",
  comment: "by ansible",
  address: "0.0.0.0",
  timeout: 0,
};
const ADDRESS = { name: "Internal (Address)", address: "192.168.50.1" };

/** Tasks for the utm_* modules: an object of a class of the emulation, created, changed, found and removed. */
export const SOPHOS_PLAYBOOK: readonly Task[] = [
  { name: "creates a host", ...utm("utm_dns_host", HOST), register: "created", failed_when: "created is not changed" },
  { name: "finds it unchanged", ...utm("utm_dns_host", HOST), register: "again", failed_when: "again is changed" },
  {
    name: "changes it",
    ...utm("utm_dns_host", { ...HOST, comment: "changed" }),
    register: "changed",
    failed_when: "changed is not changed",
  },
  {
    name: "reads an address of an interface",
    ...utm("utm_network_interface_address_info", { name: ADDRESS.name }),
    register: "read",
    failed_when: `read.result.address != '${ADDRESS.address}'`,
  },
  {
    name: "removes the host",
    ...utm("utm_dns_host", { ...HOST, state: "absent" }),
    register: "removed",
    failed_when: "removed is not changed",
  },
  {
    name: "finds it removed",
    ...utm("utm_dns_host", { ...HOST, state: "absent" }),
    register: "again",
    failed_when: "again is changed",
  },
];
