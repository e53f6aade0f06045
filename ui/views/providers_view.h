// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include <QWidget>

#include "app/explore/explorer.h"
#include "ui/plot/scatter_plot.h"
#include "ui/views/offer_card.h"
#include "ui/widgets/row_table.h"
#include "ui/widgets/segmented_switch.h"
#include "ui/widgets/text_label.h"
#include "ui/widgets/verdict_banner.h"

class QScrollArea;

namespace ui {

// Hosted offers by blended price and time to first token, our own curve through the same axes, the
// chosen offer with its sources beside it.
class ProvidersView : public QWidget, public Themed
{
    Q_OBJECT

public:
    // The explorer is not owned and must outlive the view.
    explicit ProvidersView(app::Explorer *explorer, QWidget *parent = nullptr);

    void setFindings(std::shared_ptr<const app::Findings> findings);
    void setHeld(bool held);
    // In a small window the right column goes under a switch.
    void setLayoutFor(bool large, int gap);

    ScatterPlot *plot() const { return m_plot; }
    OfferCard *card() const { return m_card; }
    RowTable *table() const { return m_table; }
    SegmentedSwitch *mixSwitch() const { return m_mix; }
    SegmentedSwitch *daySwitch() const { return m_day; }
    QString sentence() const { return m_sentence->sentence(); }
    VerdictBanner *ownNote() const { return m_ownNote; }
    QString selectedOffer() const { return m_selected; }

signals:
    // The price per hour should take the keyboard.
    void priceEditRequested();

protected:
    void themeChanged() override;
    void showEvent(QShowEvent *event) override;

private:
    QWidget *buildPlotCard();
    QWidget *buildColumn();
    void show(const app::Findings &findings);
    void showBubbles(const app::Findings &findings);
    void showOwn(const app::Findings &findings);
    void showOwnNote(const app::Findings &findings);
    void showTable(const app::Findings &findings);
    void showOffer(const QString &id);
    void pick(const QString &id);
    QString mixText() const;

    app::Explorer *m_explorer;
    std::shared_ptr<const app::Findings> m_findings;
    bool m_stale = false;
    bool m_large = true;
    QString m_selected; // an offer's key, see offerKey()
    ScatterPlot *m_plot = nullptr;
    SegmentedSwitch *m_mix = nullptr;
    SegmentedSwitch *m_day = nullptr;
    SegmentedSwitch *m_page = nullptr; // chart | offers, in a small window
    VerdictBanner *m_sentence = nullptr;
    VerdictBanner *m_ownNote = nullptr;
    Button *m_setPrice = nullptr;
    TextLabel *m_asOf = nullptr;
    OfferCard *m_card = nullptr;
    RowTable *m_table = nullptr;
    QWidget *m_plotCard = nullptr;
    QWidget *m_column = nullptr;
};

} // namespace ui
