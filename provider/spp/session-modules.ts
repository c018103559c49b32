import { Address4 } from "ip-address";
import { SafeguardError } from "../core/errors";
import { isSameName } from "../core/names";
import { asDnsName, isMarkedName } from "../https/served-certificate";
import { connectionPolicies, type SessionModule, sessionModules, sslCertificates } from "./answers";
import type { SppClient } from "./client";

/** Asked for by name, because a field left out would look like one that is null (SPP REST reference §7.6). */
const FIELDS = "Id,NodeId,SpsNetworkAddress,SpsHostName,Trusted,CertificateUserThumbprint,FirmwareVersion,CreatedDate";

/** How one SPS stands with SPP (§7.5, §15). */
export type LinkState = "none" | "disconnected" | "untrusted" | "trusted";

/** The row of an SPS node on SPP, disconnected ones included; undefined when SPP does not know it. */
export async function findSessionModule(client: SppClient, nodeId: string): Promise<SessionModule | undefined> {
  const query = new URLSearchParams({ includeDisconnected: "true", fields: FIELDS });
  const rows = await client.get("core", `Cluster/SessionModules?${query}`, sessionModules);
  // Compared here: node ids are plain text, and not every version filters by them.
  return rows.find((row) => isSameName(row.NodeId, nodeId));
}

export function linkState(row: SessionModule | undefined): LinkState {
  if (!row) return "none";
  if (row.CertificateUserThumbprint === null) return "disconnected";
  return row.Trusted ? "trusted" : "untrusted";
}

/** Address, and host name where it has one, under which SPP knows a node. */
export function namesOf(row: Pick<SessionModule, "SpsNetworkAddress" | "SpsHostName">): string[] {
  return [row.SpsNetworkAddress, row.SpsHostName].filter((name): name is string => Boolean(name));
}

/** Tells whether SPP holds a certificate user for the node, whether it trusts it yet or not. */
export function isLinked(link: LinkState): boolean {
  return link === "trusted" || link === "untrusted";
}

/** The names of the connection policies that SPP sees on the joined SPS, for SSH and RDP (§7.7). */
export async function listConnectionPolicies(client: SppClient, connectionId: number): Promise<string[]> {
  const perProtocol = await Promise.all(
    ["Ssh", "Rdp"].map((protocol) =>
      client.get(
        "core",
        `Cluster/SessionModules/${connectionId}/ConnectionPolicies?protocol=${protocol}`,
        connectionPolicies,
      ),
    ),
  );
  return [...new Set(perProtocol.flat().map((policy) => policy.Name))].sort();
}

/**
 * The certificate chain SPS needs to trust SPP: its web server certificate, then the issuers (§9).
 * @throws SafeguardError SG2010 when no certificate is assigned to the appliance, SG2011 when it does not name `address`.
 */
export async function readCertificateChain(client: SppClient, applianceId: string, address: string): Promise<string> {
  const certificates = await client.get("core", "SslCertificates", sslCertificates);
  const assigned = certificates.find((certificate) => certificate.Appliances?.some(({ Id }) => Id === applianceId));
  if (!assigned?.Base64CertificateData) {
    throw new SafeguardError({
      code: "SG2010",
      object: client.object,
      step: "read certificate chain",
      cause: `no TLS certificate is assigned to appliance ${applianceId}`,
      remedy: "assign one at Appliance Management > Certificates > SSL/TLS Certificates",
    });
  }
  const alternatives = [...(assigned.DnsNames ?? []).map(asDnsName), ...(assigned.IpAddresses ?? [])];
  // The common name counts only where there are no alternative names.
  const names = alternatives.length > 0 ? alternatives : commonNames(assigned.Subject ?? "").map(asDnsName);
  if (!names.some((name) => covers(name, address))) {
    const usable = names.find((name) => !isMarkedName(name));
    throw new SafeguardError({
      code: "SG2011",
      object: client.object,
      step: "compare certificate",
      cause: `its certificate names ${names.join(", ") || "nothing"}, not ${address}; SPS would refuse to join`,
      remedy: usable ? `use spp.address ${usable}` : "give SPP a certificate that names its address",
    });
  }
  return [assigned.Base64CertificateData, ...(assigned.IssuerCertificates ?? [])].map(toPem).join("");
}

function commonNames(subject: string): string[] {
  const name = /(?:^|,\s*)CN=([^,]+)/i.exec(subject)?.[1]?.trim();
  return name ? [name] : [];
}

/** Tells whether a name in a certificate covers an address: equal, or a wildcard for exactly one label. */
export function covers(certificateName: string, address: string): boolean {
  const name = certificateName.toLowerCase();
  const wanted = address.toLowerCase();
  if (name === wanted) return true;
  if (Address4.isValid(wanted) || !name.startsWith("*.")) return false;
  return wanted.split(".").slice(1).join(".") === name.slice(2);
}

/** One PEM block with line ends as PEM wants them; bare base64 is wrapped (§9). */
export function toPem(data: string): string {
  const text = data.replaceAll("\r", "").trim();
  if (text.includes("-----BEGIN")) return `${text}\n`;
  const lines = text.replace(/\s+/g, "").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
