import { PICTURE_STYLE } from "../picture/style";
import { html, type Markup } from "./markup";
import { STYLE } from "./style";

/** What a page says about its origin. */
export interface PageOrigin {
  /** When its content was read. */
  madeAt: Date;
  /** Version of this package. */
  version: string;
}

/** A page in one file that loads nothing and runs no script. */
export function htmlDocument(
  title: string,
  { madeAt, version }: PageOrigin,
  content: readonly (Markup | undefined)[],
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${STYLE}${PICTURE_STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="faint">Made on ${madeAt.toISOString().slice(0, 16).replace("T", " ")} UTC by pulumi-safeguard ${version}. Nothing was changed.</p>
${content}
</main>
</body>
</html>
`.text;
}

/** The sites of a page in its title. */
export const sitesTitle = (sites: readonly { site: string }[]) =>
  sites.length === 1 ? `Site ${sites[0]?.site}` : `${sites.length} sites`;
