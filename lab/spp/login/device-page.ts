import type { FastifyInstance, FastifyReply } from "fastify";
import type { SppContext } from "../context";
import { parameter, type Query } from "../query/collection";
import { checkPassword, fieldsOf } from "./login";

/**
 * The page on which a user approves or denies a device login, at the `verification_uri`. Its address and its form are the
 * lab's own: no document describes them.
 */
export function devicePage(server: FastifyInstance, context: SppContext): void {
  server.get("/DeviceLogin", async (request, reply) =>
    sendPage(reply, 200, form(parameter(request.query as Query, "user_code") ?? "")),
  );

  server.post("/DeviceLogin", async (request, reply) => {
    const { user_code: code = "", username = "", password = "", decision = "approve" } = fieldsOf(request);
    const user = checkPassword(context, username, password);
    if (typeof user === "string") return sendPage(reply, 400, user);
    const isKnown = context.deviceLogins.decide(code, decision === "deny" ? "denied" : user);
    return isKnown ? sendPage(reply, 200, "You can close this page.") : sendPage(reply, 400, "The code is not valid.");
  });
}

function form(userCode: string): string {
  const value = userCode.replace(/[^A-Z-]/g, "");
  const field = (name: string, attributes: string) => `<label>${name} <input name="${name}" ${attributes}></label>`;
  const buttons = ["approve", "deny"].map((name) => `<button name="decision" value="${name}">${name}</button>`);
  const fields = [field("user_code", `value="${value}"`), field("username", ""), field("password", 'type="password"')];
  return `<form method="post">${[...fields, ...buttons].join("")}</form>`;
}

function sendPage(reply: FastifyReply, status: number, content: string): FastifyReply {
  return reply.code(status).type("text/html").send(`<!DOCTYPE html>\n<html><body>${content}</body></html>\n`);
}
