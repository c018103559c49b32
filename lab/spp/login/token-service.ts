import type { FastifyInstance, FastifyReply } from "fastify";
import type { SppContext } from "../context";
import { devicePage } from "./device-page";
import { accountName, providerOf } from "./identity-providers";
import { checkPassword, type Fields, fieldsOf, INSTALLED_APPLICATION, needsSecondFactor } from "./login";
import { loginController } from "./login-controller";
import { stsGrant } from "./sts-grant";

const NOT_ALLOWED = {
  password: "OAuth2 resource owner password credentials grant type is not allowed.",
  device: "OAuth2 device code grant type is not allowed.",
};

/** The token service (rSTS). It has no API versions; requests are forms or JSON, errors are OAuth2 errors. */
export function tokenService(server: FastifyInstance, context: SppContext): void {
  server.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );

  server.post("/oauth2/token", async (request, reply) => {
    const fields = fieldsOf(request);
    switch (fields.grant_type) {
      case "password":
        return passwordGrant(context, fields, reply);
      case "authorization_code":
        return codeGrant(context, fields, reply);
      case "client_credentials":
        return sendError(reply, "invalid_request", "This appliance of the lab has no client certificate login.");
      case "urn:ietf:params:oauth:grant-type:device_code":
        return deviceGrant(context, fields, reply);
      default:
        return sendError(reply, "unsupported_grant_type", "The grant type is not supported.");
    }
  });

  server.post("/oauth2/DeviceLogin", async (_request, reply) => {
    if (!context.settings.allowsGrant("DeviceCode")) return refuseDeviceGrant(context, reply);
    return context.deviceLogins.start();
  });
  // With a slash at the end, the address accepts no POST.
  server.all("/oauth2/DeviceLogin/", async (_request, reply) => reply.code(405).send());

  devicePage(server, context);
  loginController(server, context);
}

async function passwordGrant(context: SppContext, fields: Fields, reply: FastifyReply) {
  if (!context.settings.allowsGrant("ResourceOwner")) return sendError(reply, "invalid_request", NOT_ALLOWED.password);
  const provider = providerOf(context, /^rsts:sts:primaryproviderid:(.+)$/i.exec(fields.scope ?? "")?.[1]);
  if (!provider) return sendError(reply, "invalid_request", "Access denied.");
  const user = checkPassword(context, accountName(provider, fields.username ?? ""), fields.password ?? "");
  if (typeof user === "string") return sendError(reply, "invalid_request", user);
  return stsGrant(context, user, !needsSecondFactor(context, user));
}

async function codeGrant(context: SppContext, fields: Fields, reply: FastifyReply) {
  const user = context.tokens.redeemCode(fields.code ?? "", fields.code_verifier ?? "");
  if (!user || fields.redirect_uri !== INSTALLED_APPLICATION) {
    return sendError(reply, "invalid_grant", "The authorization code is not valid.");
  }
  return stsGrant(context, user, true);
}

async function deviceGrant(context: SppContext, fields: Fields, reply: FastifyReply) {
  if (!context.settings.allowsGrant("DeviceCode")) return refuseDeviceGrant(context, reply);
  const answer = context.deviceLogins.poll(fields.device_code ?? "");
  if (typeof answer === "string") return sendError(reply, answer, `The device login is not complete: ${answer}.`);
  return stsGrant(context, answer, true);
}

/** The refusal is JSON or a page, depending on the variant: clients were seen to expect both. */
function refuseDeviceGrant(context: SppContext, reply: FastifyReply) {
  if (context.options.variants.deviceGrantRefusal === "json") {
    return sendError(reply, "invalid_request", NOT_ALLOWED.device);
  }
  return reply.code(400).type("text/html").send(`<html><body><p>${NOT_ALLOWED.device}</p></body></html>`);
}

function sendError(reply: FastifyReply, error: string, description: string) {
  return reply.code(400).send({ error, error_description: description, success: false });
}
