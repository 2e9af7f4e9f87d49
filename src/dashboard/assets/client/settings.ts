/**
 * What a viewer has chosen: kept in cookies, so that the server draws the page
 * in the right colours at once.
 *
 * @module
 */

const YEAR = 365 * 24 * 60 * 60;

/** Where the zone of times is chosen. */
export type Zone = "local" | "utc";

/** The zone that times are shown in. */
export function zoneChoice(): Zone {
  return document.documentElement.dataset.zone === "utc" ? "utc" : "local";
}

/** Light, dark, or as the system has it; the next one of them. */
function nextTheme(): void {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const shown = root.dataset.theme ?? (dark ? "dark" : "light");
  const theme = shown === "dark" ? "light" : "dark";
  root.dataset.theme = theme;
  keep("lovage_theme", theme);
  document.dispatchEvent(new Event("lv:theme"));
}

function nextZone(button: HTMLElement): void {
  const zone: Zone = zoneChoice() === "utc" ? "local" : "utc";
  document.documentElement.dataset.zone = zone;
  button.textContent = zone === "utc" ? "UTC" : "Local time";
  keep("lovage_zone", zone);
  document.dispatchEvent(new Event("lv:zone"));
}

function keep(name: string, value: string): void {
  const path = document.documentElement.dataset.root ?? "/";
  document.cookie =
    `${name}=${value}; path=${path}; max-age=${YEAR}; samesite=lax`;
}

/** Makes the switches work. */
export function startSettings(): void {
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    if (target.closest("[data-switch=theme]") !== null) nextTheme();
    const zone = target.closest<HTMLElement>("[data-switch=zone]");
    if (zone !== null) nextZone(zone);
  });
}
