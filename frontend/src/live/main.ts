// The pages that stay true while something goes on: a run, the list of runs, a delivery, a backfill.
import "./style.css";
import { startCopying } from "../copy";
import { startRefreshing } from "./refresh";
import { startRun } from "./run";

startCopying();
startRefreshing();
startRun();
