// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>

#include <QString>

#include "app/explore/findings.h"
#include "ui/plot/axis.h"
#include "ui/theme/glyphs.h"
#include "ui/widgets/format.h"
#include "ui/widgets/readout_tile.h"

namespace ui {

// Findings in words: the sentences of the window, with the numbers in them.

QString metricTitle(app::Metric metric);
QString metricUnit(app::Metric metric); // what the chart's heading says beside the title
QString metricDefinition(app::Metric metric);
// The figure's text; ms, tok/s, USD or bytes as Metric says.
Figure metricFigure(app::Metric metric, std::optional<double> value);
LabelKind metricLabels(app::Metric metric);

// Absent for Evidence::None.
std::optional<Provenance> provenanceOf(app::Evidence evidence);
Verdict verdictOf(app::NoteLevel level);

QString absenceText(app::Absence absence);
QString boundText(app::Bound bound);
// The note as one sentence, strong() around its numbers.
QString noteText(const app::Note &note);

// The tile of a metric, by the findings' readout; beside a pinned scenario it says how many times
// that one's figure it is.
TileContent tileOf(const app::Findings &findings, app::Metric metric,
                   const app::Findings *pinned = nullptr);

// "does not fit: needs 171 GB of 141 GB"; empty when everything on the axis fits.
QString fitEndText(const app::FitEnd &end);

// An offer's wait in words: "25 s, observed", "under 5 s, claimed", "not published".
QString waitText(const app::OfferMark &offer);

// An offer's blended price in its own currency, a range where only that is claimed: "$2.36", "$2.00
// to $4.00", "¥6.75"; empty where it is not published.
QString blendedText(const app::OfferMark &offer);

// A pinned scenario on its chip: its name, else model, device and what the axis in view does not
// say.
QString pinTitle(const app::Findings &pinned);

// Name of the scenario for the top bar: its own, else model and load.
QString scenarioTitle(const app::Findings &findings);

} // namespace ui
