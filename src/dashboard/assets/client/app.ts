/**
 * What every page of the dashboard loads.
 *
 * @module
 */

import { startActions } from "./actions.ts";
import { LvAgain } from "./again.ts";
import { startBulk } from "./bulk.ts";
import { LvCopy } from "./copy.ts";
import { startDialogs } from "./dialogs.ts";
import { startKeys } from "./keys.ts";
import { startSettings } from "./settings.ts";
import { LvLive, startSwaps } from "./stream.ts";
import { LvTime, renderTimes, startClock } from "./time.ts";
import { startTrouble } from "./trouble.ts";

customElements.define("lv-time", LvTime);
customElements.define("lv-copy", LvCopy);
customElements.define("lv-live", LvLive);
customElements.define("lv-again", LvAgain);
startSettings();
startSwaps();
startTrouble();
startActions();
startDialogs();
startBulk();
startKeys();
startClock();
document.addEventListener("lv:zone", renderTimes);
