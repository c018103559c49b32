import { z } from "zod";

/**
 * Shapes of SPP answers (vendor's OpenAPI v4, with the deviations the reference lists in §18): only the members this
 * provider uses; others may come and go.
 */

/** Error answers of Core, Appliance and Notification (§2.1). */
export const apiError = z.looseObject({ Code: z.number(), Message: z.string().nullish() });

/** Answers of the token service (§3.2). */
export const tokenAnswer = z.looseObject({ access_token: z.string() });
export const tokenRefusal = z.looseObject({ error: z.string(), error_description: z.string().nullish() });

/** `POST Token/LoginResponse` (§3.5). */
export const loginResponse = z.looseObject({ Status: z.string(), UserToken: z.string().nullish() });

/** `GET notification/v4/Status`, without a token (§5). */
export const statusAnswer = z.looseObject({
  ApplianceId: z.string(),
  ApplianceName: z.string().nullish(),
  ApplianceVersion: z.string().nullish(),
  ApplianceCurrentState: z.string(),
  IsPrimary: z.boolean(),
  IsMaintenance: z.boolean().nullish(),
  IsReadOnly: z.boolean().nullish(),
  IsSessionModuleJoined: z.boolean().nullish(),
  IpAddress: z.string().nullish(),
  CurrentTime: z.string().nullish(),
});

/** `GET Me` (§4.1). */
export const meAnswer = z.looseObject({
  Name: z.string().nullish(),
  AdminRoles: z
    .array(z.string())
    .nullish()
    .transform((roles) => roles ?? []),
});

/** One session module: how SPP knows a joined SPS (§7.2). A null thumbprint is a disconnected row (§7.5). */
export const sessionModule = z.looseObject({
  Id: z.number(),
  NodeId: z.string(),
  SpsNetworkAddress: z.string().nullish(),
  SpsHostName: z.string().nullish(),
  Trusted: z.boolean(),
  CertificateUserThumbprint: z.string().nullable(),
  FirmwareVersion: z.string().nullish(),
  CreatedDate: z.string().nullish(),
});
export const sessionModules = z.array(sessionModule);
export type SessionModule = z.output<typeof sessionModule>;

/** `GET SslCertificates` (§9). */
export const sslCertificates = z.array(
  z.looseObject({
    Thumbprint: z.string(),
    NotAfter: z.string().nullish(),
    Subject: z.string().nullish(),
    Base64CertificateData: z.string().nullish(),
    IssuerCertificates: z.array(z.string()).nullish(),
    DnsNames: z.array(z.string()).nullish(),
    IpAddresses: z.array(z.string()).nullish(),
    Appliances: z.array(z.looseObject({ Id: z.string() })).nullish(),
  }),
);

/** `GET Cluster/Status`: the cluster lock (§6). */
export const clusterLock = z.looseObject({ Operation: z.string() });

/** Connection policies that SPP sees on a joined SPS (§7.7). */
export const connectionPolicies = z.array(z.looseObject({ Name: z.string(), Protocol: z.string().nullish() }));
