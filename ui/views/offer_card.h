// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/explore/findings.h"
#include "ui/widgets/badge.h"
#include "ui/widgets/card.h"
#include "ui/widgets/row_table.h"
#include "ui/widgets/text_label.h"

namespace ui {

// What is known of one offer, each figure with its kind, its source and its date.
class OfferCard : public Card
{
    Q_OBJECT

public:
    explicit OfferCard(QWidget *parent = nullptr);

    void setOffer(const app::OfferMark &offer, const QString &mixText);
    // No offer is chosen.
    void clear(const QString &sentence);
    const QList<Fact> &facts() const { return m_facts->facts(); }

private:
    TextLabel *m_title;
    TextLabel *m_subtitle;
    Badge *m_badge;
    FactRows *m_facts;
};

} // namespace ui
