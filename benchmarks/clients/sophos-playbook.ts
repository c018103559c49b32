import type { Task } from "./ansible";

const ACCESS = {
  utm_host: "{{ access.utm_host }}",
  utm_port: "{{ access.utm_port }}",
  utm_token: "{{ access.utm_token }}",
  validate_certs: false,
};
const utm = (module: string, values: object, rest: object = {}) => ({
  [`community.general.utm_${module}`]: { ...ACCESS, ...values },
  ...rest,
});
const CHANGED = { comment: "changed" };

/** An object that a module keeps. */
interface Kept {
  /** In the names of the tasks and, with underscores, of the variables. */
  object: string;
  module: string;
  values: Record<string, unknown> & { name: string };
  /** What is changed, once it is found unchanged. */
  change?: Record<string, unknown>;
  /** True for a module with a second one, `_info`, that reads. */
  hasInfo?: true;
  /** True for a module that reports a change each time, on devices too, because it compares a value that it cannot be given. */
  alwaysChanges?: true;
}

const variableOf = (object: string) => object.replaceAll(" ", "_");
/** The reference of an object that an earlier task created. */
const refTo = ({ object }: Kept) => `{{ ${variableOf(object)}.result._ref }}`;

/** Tasks that create an object, repeat that, change the object and read it. */
function keeps(kept: Kept): Task[] {
  const { object, module, values, change = CHANGED, hasInfo, alwaysChanges } = kept;
  const differencesOf = (result: string) =>
    Object.entries(change).map(([name, value]) => `${result}.result.${name} != ${JSON.stringify(value)}`);
  const tasks: Task[] = [
    {
      name: `creates the ${object}`,
      ...utm(module, values),
      register: variableOf(object),
      failed_when: `${variableOf(object)} is not changed`,
    },
    {
      name: alwaysChanges ? `writes the ${object} again` : `finds the ${object} unchanged`,
      ...utm(module, values),
      register: "again",
      failed_when: `again is failed or again is ${alwaysChanges ? "not changed" : "changed"}`,
    },
    {
      name: `changes the ${object}`,
      ...utm(module, { ...values, ...change }),
      register: "changed",
      failed_when: ["changed is not changed", ...differencesOf("changed")].join(" or "),
    },
  ];
  if (!hasInfo) return tasks;
  return [
    ...tasks,
    {
      name: `reads the ${object}`,
      ...utm(`${module}_info`, { name: values.name }),
      register: "read",
      failed_when: ["read is failed", ...differencesOf("read")].join(" or "),
    },
  ];
}

/** Tasks that remove an object, and repeat that. */
function removes({ object, module, values }: Kept): Task[] {
  const removal = utm(module, { ...values, state: "absent" });
  return [
    {
      name: `removes the ${object}`,
      ...removal,
      register: "removed",
      failed_when: "removed is not changed",
    },
    {
      name: `finds the ${object} removed`,
      ...removal,
      register: "again",
      failed_when: "again is failed or again is changed",
    },
  ];
}

/** An object of a type that has no module, created over the API itself. */
function posted(object: string, type: string, values: object): Task {
  return {
    name: `needs the ${object}`,
    "ansible.builtin.uri": {
      url: `https://{{ access.utm_host }}:{{ access.utm_port }}/api/objects/${type}/`,
      method: "POST",
      url_username: "token",
      url_password: "{{ access.utm_token }}",
      force_basic_auth: true,
      validate_certs: false,
      body_format: "json",
      body: values,
      status_code: 201,
    },
    register: variableOf(object),
  };
}
const refToPosted = (object: string) => `{{ ${variableOf(object)}.json._ref }}`;

/** A task whose values the UTM refuses with this type of message. */
function refused(name: string, module: string, values: object, message: string): Task {
  return {
    name,
    ...utm(module, values),
    register: "refusal",
    failed_when: `refusal is not failed or '${message}' not in refusal.msg | string`,
  };
}

const HOST: Kept = {
  object: "host",
  module: "dns_host",
  values: { name: "ansible host", hostname: "server.example", comment: "by ansible", address: "0.0.0.0", timeout: 0 },
};
const ADDRESS: Kept = {
  object: "interface address",
  module: "network_interface_address",
  values: { name: "ansible address", address: "192.168.50.7" },
  change: { address: "192.168.50.8" },
  hasInfo: true,
};
const GROUP: Kept = {
  object: "group of users",
  module: "aaa_group",
  values: {
    name: "ansible group",
    backend_match: "adirectory",
    dynamic: "directory_groups",
    adirectory_groups: ["web"],
    adirectory_groups_sids: { web: "S-1-5-21-1" },
    members: [refToPosted("user")],
    network: refToPosted("network of the group"),
  },
  hasInfo: true,
};
// Without comment and key the module compares nothing with empty text, and reports a change each time.
const CERTIFICATE: Kept = {
  object: "certificate",
  module: "ca_host_key_cert",
  values: {
    name: "ansible certificate",
    ca: refToPosted("certificate authority"),
    meta: refToPosted("description of the certificate"),
    certificate: "{{ pem.certificate }}",
    key: "{{ pem.key }}",
    comment: "by ansible",
  },
  hasInfo: true,
};
// The module compares each text that it is not given with empty text too.
const AUTH_PROFILE: Kept = {
  object: "authentication profile",
  module: "proxy_auth_profile",
  values: {
    name: "ansible profile",
    aaa: [refTo(GROUP), refToPosted("user")],
    basic_prompt: "Login",
    frontend_cookie: "session",
    frontend_cookie_secret: "0123456789abcdef",
    frontend_form: "login form",
    frontend_form_template: refToPosted("template of the form"),
    frontend_login: "/login",
    frontend_logout: "/logout",
    frontend_mode: "Form",
    frontend_realm: "realm",
    frontend_session_lifetime: 8,
    frontend_session_timeout: 5,
  },
  change: { frontend_session_timeout: 10, frontend_session_timeout_enabled: false },
};
const EXCEPTION: Kept = {
  object: "exception",
  module: "proxy_exception",
  values: {
    name: "ansible exception",
    op: "OR",
    path: ["/upload"],
    skip_custom_threats_filters: [refToPosted("filter of threats")],
    source: ["REF_DefaultInternalNetwork"],
  },
  change: { skipav: true },
  alwaysChanges: true,
};
const LOCATION: Kept = {
  object: "location",
  module: "proxy_location",
  values: {
    name: "ansible location",
    path: "/web",
    backend: [refToPosted("web server")],
    auth_profile: refTo(AUTH_PROFILE),
    denied_networks: [refTo(HOST)],
  },
  change: { hot_standby: true, comment: "changed" },
  hasInfo: true,
};
const FRONTEND: Kept = {
  object: "virtual web server",
  module: "proxy_frontend",
  values: {
    name: "ansible frontend",
    type: "https",
    port: 8443,
    domain: ["www.example"],
    certificate: refTo(CERTIFICATE),
    exceptions: [refTo(EXCEPTION)],
    locations: [refTo(LOCATION)],
    profile: refToPosted("firewall profile"),
  },
  change: { lbmethod: "byrequests", domain: ["www.example", "web.example"] },
  hasInfo: true,
};
/** In the order in which they refer to each other. */
const ALL_KEPT = [HOST, ADDRESS, GROUP, CERTIFICATE, AUTH_PROFILE, EXCEPTION, LOCATION, FRONTEND];

/** What the objects refer to, as far as no module creates it. */
const NEEDED: readonly Task[] = [
  posted("user", "aaa/user", { name: "ansible user", enabled: true }),
  posted("network of the group", "network/aaa", { name: "ansible group (network)", addresses: ["192.168.50.10"] }),
  posted("description of the certificate", "ca/meta_x509", { name: "ansible meta", subject: "CN=utm.lab.example" }),
  posted("certificate authority", "ca/signing_ca", {
    name: "ansible authority",
    certificate: "{{ pem.authority }}",
    meta: refToPosted("description of the certificate"),
  }),
  posted("template of the form", "reverse_proxy/form_template", {
    name: "ansible template",
    filename: "login.html",
    template: "<form></form>",
    assets: { "default_stylesheet.css": "" },
  }),
  posted("filter of threats", "reverse_proxy/threats_filter", { name: "ansible filter", files: { "a.conf": "" } }),
  posted("firewall profile", "reverse_proxy/profile", { name: "ansible firewall", waf: true, skipwafrules: [960015] }),
  posted("web server", "reverse_proxy/backend", { name: "ansible backend", host: "REF_NetHosProxy", port: 8080 }),
];

const READ = { name: "Internal (Address)", address: "192.168.50.1" };

/** Tasks for all utm_* modules of the collection: objects created, found unchanged, changed, read and removed. */
export const SOPHOS_PLAYBOOK: readonly Task[] = [
  {
    name: "reads an address of an interface",
    ...utm("network_interface_address_info", { name: READ.name }),
    register: "read",
    failed_when: `read is failed or read.result.address != '${READ.address}'`,
  },
  ...NEEDED,
  ...ALL_KEPT.flatMap(keeps),
  refused(
    "is refused a location that does not exist",
    FRONTEND.module,
    { ...FRONTEND.values, locations: ["REF_None"] },
    "REF_DOES_NOT_EXIST",
  ),
  refused(
    "is refused a host as the authority of a certificate",
    CERTIFICATE.module,
    { ...CERTIFICATE.values, ca: refTo(HOST) },
    "REF_WRONG_TYPE",
  ),
  refused(
    "is refused a port that cannot be",
    FRONTEND.module,
    { ...FRONTEND.values, port: 70000 },
    "DATATYPE_OBJECT_ATTRIBUTE",
  ),
  ...[...ALL_KEPT].reverse().flatMap(removes),
];
