import type { JsonObject } from "../state/json";
import { CONFIGURATION } from "../state/schema";
import { newKey } from "../state/seed";
import type { MutableView } from "../state/store";

interface DefaultObject {
  list: string;
  name: string;
  body: (keyOf: (list: string) => string) => JsonObject;
}

const AA_PLUGINS = `${CONFIGURATION}/plugins/aa`;
const CREDENTIAL_STORE_PLUGINS = `${CONFIGURATION}/plugins/credentialstore`;

/**
 * The objects that a join creates on SPS. The vendor documents their kinds and that their names contain
 * `safeguard_default`; the exact list and names are the lab's own.
 */
const DEFAULTS: DefaultObject[] = [
  { list: AA_PLUGINS, name: "safeguard_default_aa_plugin", body: () => pluginBody("aa") },
  {
    list: CREDENTIAL_STORE_PLUGINS,
    name: "safeguard_default_credentialstore_plugin",
    body: () => pluginBody("credentialstore"),
  },
  {
    list: `${CONFIGURATION}/policies/aa_plugin_instances`,
    name: "safeguard_default_aa",
    body: (keyOf) => ({ plugin: keyOf(AA_PLUGINS) }),
  },
  {
    list: `${CONFIGURATION}/policies/credentialstores`,
    name: "safeguard_default_credentialstore",
    body: (keyOf) => ({ type: { selection: "plugin", value: keyOf(CREDENTIAL_STORE_PLUGINS) } }),
  },
  ...["ssh", "rdp"].flatMap((protocol) => protocolDefaults(protocol)),
];

/** Creates or overwrites the objects. @returns the names of overwritten objects. */
export function createSafeguardDefaults(view: MutableView): string[] {
  const keys = new Map<string, string>();
  const overwritten: string[] = [];
  for (const { list, name, body } of DEFAULTS) {
    const existing = view.keys(list).find((key) => view.get(`${list}/${key}`)?.name === name);
    if (existing !== undefined) overwritten.push(name);
    const key = existing ?? newKey();
    keys.set(list, key);
    view.set(`${list}/${key}`, { name, ...body((other) => keys.get(other) ?? "") });
  }
  return overwritten;
}

function pluginBody(type: string): JsonObject {
  return { description: "Connects to Safeguard for Privileged Passwords", version: "1.0.0", api: "1.0", path: type };
}

function protocolDefaults(protocol: string): DefaultObject[] {
  const lists = (name: string) => `${CONFIGURATION}/${protocol}/${name}`;
  const policies = ["channel_policies", "authentication_policies"].map((list) => ({
    list: lists(list),
    name: "safeguard_default",
    body: () => ({}),
  }));
  const connection: DefaultObject = {
    list: lists("connections"),
    name: `safeguard_default_${protocol}`,
    body: (keyOf) => ({
      active: true,
      network: { clients: ["0.0.0.0/0"], targets: ["0.0.0.0/0"], ports: [protocol === "ssh" ? 22 : 3389] },
      channel_policy: keyOf(lists("channel_policies")),
      authentication_policy: keyOf(lists("authentication_policies")),
    }),
  };
  return [...policies, connection];
}
