import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

/** Debian's browser; `npm test` installs it as root. */
const CHROMIUM = "/usr/bin/chromium";

/** Why no browser can be started; undefined when one can. */
export const browserProblem = existsSync(CHROMIUM)
  ? undefined
  : `${CHROMIUM} is missing; run as root: apt-get install chromium fonts-dejavu-core`;

const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: 120_000 });
}

/** The ways in which a page is read. */
export const VIEWS = {
  light: { width: 1280, colorScheme: "light", media: "screen" },
  dark: { width: 1280, colorScheme: "dark", media: "screen" },
  phone: { width: 375, colorScheme: "dark", media: "screen" },
  print: { width: 794, colorScheme: "light", media: "print" },
} as const;

export type View = keyof typeof VIEWS;

/** What a page showed in one view. */
export interface Look {
  /** Addresses that were requested besides the page itself. */
  requests: string[];
  /** Errors and warnings of its console. */
  messages: string[];
  /** Width that cannot be seen without scrolling, in pixels. */
  overflow: number;
  /** Rules of accessibility that it violates, with their elements. */
  violations: string[];
}

/**
 * Opens a page in one view. With SAFEGUARD_SCREENSHOTS set to a folder, saves there what a reader sees.
 * @param name of the screenshot
 */
export async function lookAt(browser: Browser, file: string, view: View, name: string): Promise<Look> {
  const { width, colorScheme, media } = VIEWS[view];
  const context: BrowserContext = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    const [requests, messages]: [string[], string[]] = [[], []];
    const address = pathToFileURL(file).href;
    page.on("request", (request) => void (request.url() === address || requests.push(request.url())));
    page.on("console", (message) => void messages.push(message.text()));
    page.on("pageerror", (error) => void messages.push(String(error)));
    await page.emulateMedia({ media, colorScheme });
    await page.goto(address);
    await screenshot(page, `${name}, ${view}`);
    // All of it is examined, also what a reader unfolds.
    await page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
    const overflow = await page.evaluate<number>(
      "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    );
    return { requests, messages, overflow, violations: await violationsOf(page) };
  } finally {
    await context.close();
  }
}

async function violationsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const result = await page.evaluate<axe.AxeResults>("axe.run()");
  return result.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env.SAFEGUARD_SCREENSHOTS;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({
    path: join(folder, `${name.replace(/\W+/g, "-")}.png`),
    fullPage: !page.url().endsWith(".svg"),
  });
}

/** Texts of pictures in a page or SVG file that reach beyond their box, or beyond the picture. */
export async function textsOutside(browser: Browser, file: string): Promise<string[]> {
  const page = await browser.newPage();
  try {
    await page.goto(pathToFileURL(file).href);
    return await page.evaluate<string[]>(OUTSIDE);
  } finally {
    await page.close();
  }
}

/** An expression that holds in the browser: the smallest box in which a text begins has to hold all of it. */
const OUTSIDE = `[...document.querySelectorAll("svg.topology")].flatMap((picture) => {
  const boxes = [...picture.querySelectorAll("rect")].map((box) => box.getBoundingClientRect());
  const area = ({ width, height }) => width * height;
  return [...picture.querySelectorAll("text")].flatMap((element) => {
    const text = element.getBoundingClientRect();
    const holds = (box) => box.left <= text.left && text.left < box.right && box.top <= text.top && text.top < box.bottom;
    const [box] = [...boxes.filter(holds), picture.getBoundingClientRect()].sort((a, b) => area(a) - area(b));
    return text.right <= box.right && text.bottom <= box.bottom ? [] : [element.textContent];
  });
})`;

/** Whether a browser reads the text of a file as well-formed XML, and the names of its elements. */
export async function elementsOfXml(browser: Browser, file: string): Promise<string[]> {
  const page = await browser.newPage();
  try {
    return await page.evaluate<string[]>(
      `[...new DOMParser().parseFromString(${JSON.stringify(readFileSync(file, "utf8"))}, "image/svg+xml").querySelectorAll("*")].map(({ localName }) => localName)`,
    );
  } finally {
    await page.close();
  }
}
