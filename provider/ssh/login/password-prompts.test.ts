import assert from "node:assert/strict";
import { PasswordPrompts } from "./password-prompts";

const PASSWORD = "open sesame";
const ask = (...prompts: string[]) => prompts.map((prompt) => ({ prompt, echo: false }));

describe("prompts of a server at login", () => {
  for (const prompt of ["Password: ", "root's password:", "(root@router) Password: ", "Passwort:", "Mot de passe : "]) {
    it(`answers a prompt with the password: ${prompt}`, () => {
      assert.deepEqual(new PasswordPrompts(PASSWORD).answer(ask(prompt)), [PASSWORD]);
    });
  }

  for (const prompt of [
    "Verification code: ",
    "One-time password (OATH) for `root': ",
    "Enter PASSCODE: ",
    "RSA token: ",
    "New password: ",
    "Retype new password: ",
    "Duo two-factor login: ",
    "PIN: ",
  ]) {
    it(`does not answer another prompt: ${prompt}`, () => {
      const questions = new PasswordPrompts(PASSWORD);
      assert.equal(questions.answer(ask(prompt)), undefined);
      assert.equal(questions.unanswered, prompt.trim());
    });
  }

  it("answers no prompts that show the input, and none when only some ask for the password", () => {
    assert.equal(new PasswordPrompts(PASSWORD).answer([{ prompt: "Password: ", echo: true }]), undefined);
    const questions = new PasswordPrompts(PASSWORD);
    assert.equal(questions.answer(ask("Password: ", "Verification code: ")), undefined);
    assert.equal(questions.unanswered, "Verification code:");
  });

  it("answers a password prompt once, and notes without a prompt always", () => {
    const questions = new PasswordPrompts(PASSWORD);
    assert.deepEqual(questions.answer([]), []);
    assert.deepEqual(questions.answer(ask("Password: ")), [PASSWORD]);
    assert.deepEqual(questions.answer([]), []);
    assert.equal(questions.answer(ask("Password: ")), undefined);
  });

  it("shows a prompt in one short line, without control characters", () => {
    const questions = new PasswordPrompts(PASSWORD);
    questions.answer(ask(`Token\n\u001b[31m for\t${"you ".repeat(50)}`));
    assert.match(questions.unanswered ?? "", /^Token \[31m for you [\w ]+…$/);
    assert.equal(questions.unanswered?.length, 61);
  });
});
