// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QColor>
#include <QPainter>
#include <QPointF>

namespace ui {

// Where a figure comes from; each kind has a shape of its own on badges and charts.
enum class Provenance { Measured, Recorded, Imported, Observed, Estimated, Claimed };

enum class Verdict { Good, Warn, Bad, Note };

// The shape of a kind, `size` wide, centred at `at`, in `color`. What is open inside is filled with
// `inside`. `hollow` draws only the outline (too few samples, another definition).
void paintProvenance(QPainter &painter, Provenance kind, const QPointF &at, double size,
                     const QColor &color, const QColor &inside, bool hollow = false);

// The glyph of series `index` (disc, square, triangle, diamond, triangle down, cross, hexagon,
// bar), for legends and labels; an unfilled one stands for a series that is switched off.
void paintSeriesGlyph(QPainter &painter, int index, const QPointF &at, double size,
                      const QColor &color, bool filled = true);

// The 16 px shape of a verdict: check in a disc, ! in a triangle, x in an octagon, i in a square.
void paintVerdict(QPainter &painter, Verdict verdict, const QPointF &at, double size,
                  const QColor &color, const QColor &onColor);

// Letter of a kind on its badge: M R I O E C.
QChar provenanceLetter(Provenance kind);

} // namespace ui
